import { webcrypto } from 'node:crypto'

/** A certificate with its private key, both PEM. */
export interface KeyPair {
  certificate: string
  key: string
}

/** From when until when a certificate holds. */
export interface Validity {
  notBefore: Date
  notAfter: Date
}

/** A certificate authority with its key at hand. */
export interface Authority {
  pair: KeyPair
  /** Its subject. */
  name: string
  publicKey: webcrypto.CryptoKey
  privateKey: webcrypto.CryptoKey
}

/** Whom a certificate is for. It serves for servers and for clients. */
export interface Subject {
  commonName: string
  organization?: string
  names?: readonly string[]
  addresses?: readonly string[]
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/** A new certificate authority, which signs certificates and no further authority. */
export async function newAuthority(commonName: string, validity: Validity): Promise<Authority> {
  const x509 = await loadX509()
  const keys = await newKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${commonName}`,
    keys,
    signingAlgorithm: algorithm,
    ...validity,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign | x509.KeyUsageFlags.digitalSignature,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  const { privateKey: key } = await pemKeys(keys)
  return { pair: { certificate: certificate.toString('pem'), key }, name: certificate.subject, ...keys }
}

/** The authority of a pair that was kept. */
export async function openAuthority(pair: KeyPair): Promise<Authority> {
  const x509 = await loadX509()
  const certificate = new x509.X509Certificate(pair.certificate)
  const der = Buffer.from(pair.key.replace(/-----[^-]+-----|\s/g, ''), 'base64')
  const privateKey = await webcrypto.subtle.importKey('pkcs8', der, algorithm, true, ['sign'])
  const publicKey = await certificate.publicKey.export(algorithm, ['verify'])
  return { pair, name: certificate.subject, publicKey, privateKey }
}

/** A new key with a certificate that the authority signs. */
export async function issue(
  authority: Authority,
  { names = [], addresses = [], commonName, organization, ...validity }: Subject & Validity,
): Promise<KeyPair> {
  const x509 = await loadX509()
  const keys = await newKeys()
  const alternatives = [
    ...names.map((value) => ({ type: 'dns' as const, value })),
    ...addresses.map((value) => ({ type: 'ip' as const, value })),
  ]
  const certificate = await x509.X509CertificateGenerator.create({
    subject: new x509.Name([
      { CN: [commonName] },
      ...(organization ? [{ O: [organization] }] : []),
    ]).toString(),
    issuer: authority.name,
    publicKey: keys.publicKey,
    signingKey: authority.privateKey,
    signingAlgorithm: algorithm,
    ...validity,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([
        x509.ExtendedKeyUsage.clientAuth,
        x509.ExtendedKeyUsage.serverAuth,
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
      ...(alternatives.length > 0 ? [new x509.SubjectAlternativeNameExtension(alternatives)] : []),
    ],
  })
  const { privateKey: key } = await pemKeys(keys)
  return { certificate: certificate.toString('pem'), key }
}

/** From now for so many years; five minutes ago already, for clocks that are slow. */
export function validFor(years: number, now: Date): Validity {
  const notBefore = new Date(now.getTime() - 300_000)
  const notAfter = new Date(notBefore)
  notAfter.setFullYear(notAfter.getFullYear() + years)
  return { notBefore, notAfter }
}

/** Its dependency injection wants Reflect's metadata in place first; both cost time, so only who signs loads them. */
async function loadX509(): Promise<typeof import('@peculiar/x509')> {
  await import('reflect-metadata')
  return import('@peculiar/x509')
}

/** A new pair of keys. */
export function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>
}

/** Both keys as PEM. */
export async function pemKeys(
  keys: webcrypto.CryptoKeyPair,
): Promise<{ publicKey: string; privateKey: string }> {
  const [publicKey, privateKey] = await Promise.all([
    webcrypto.subtle.exportKey('spki', keys.publicKey),
    webcrypto.subtle.exportKey('pkcs8', keys.privateKey),
  ])
  return { publicKey: pem('PUBLIC KEY', publicKey), privateKey: pem('PRIVATE KEY', privateKey) }
}

function pem(label: string, data: ArrayBuffer): string {
  const lines =
    Buffer.from(data)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}
