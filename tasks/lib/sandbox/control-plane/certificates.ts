import { webcrypto } from 'node:crypto'

/** A certificate with its private key, both PEM. */
export interface KeyPair {
  certificate: string
  key: string
}

/** What a sandbox needs to trust and to be trusted. The same authority signs for the API server and for etcd. */
export interface Certificates {
  authority: KeyPair
  apiServer: KeyPair
  etcd: KeyPair
  admin: KeyPair
  controllerManager: KeyPair
  scheduler: KeyPair
  kwok: KeyPair
  /** Signs service account tokens: public and private key, PEM. */
  serviceAccount: { publicKey: string; privateKey: string }
}

const years = 10
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/** A new authority and everything that it signs, valid for ten years: a sandbox lives as long as its folder. */
export async function createCertificates(serviceAddress: string): Promise<Certificates> {
  const signer = await createAuthority()
  const names = ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc']
  const [apiServer, etcd, admin, controllerManager, scheduler, kwok] = await Promise.all([
    issue(signer, { commonName: 'kube-apiserver', names, addresses: ['127.0.0.1', serviceAddress] }),
    issue(signer, { commonName: 'etcd', names: ['localhost'], addresses: ['127.0.0.1'] }),
    issue(signer, { commonName: 'kubernetes-admin', organization: 'system:masters' }),
    issue(signer, { commonName: 'system:kube-controller-manager' }),
    issue(signer, { commonName: 'system:kube-scheduler' }),
    issue(signer, { commonName: 'kwok', organization: 'system:masters' }),
  ])
  const { publicKey, privateKey } = await pemKeys(await newKeys())
  const serviceAccount = { publicKey, privateKey }
  return {
    authority: signer.pair,
    apiServer,
    etcd,
    admin,
    controllerManager,
    scheduler,
    kwok,
    serviceAccount,
  }
}

interface Signer {
  pair: KeyPair
  name: string
  privateKey: webcrypto.CryptoKey
  publicKey: webcrypto.CryptoKey
}

async function createAuthority(): Promise<Signer> {
  const x509 = await loadX509()
  const keys = await newKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=sandbox-ca',
    keys,
    signingAlgorithm: algorithm,
    ...validity(),
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

async function issue(
  signer: Signer,
  subject: { commonName: string; organization?: string; names?: string[]; addresses?: string[] },
): Promise<KeyPair> {
  const x509 = await loadX509()
  const keys = await newKeys()
  const { names = [], addresses = [], commonName, organization } = subject
  const alternatives = [
    ...names.map((value) => ({ type: 'dns' as const, value })),
    ...addresses.map((value) => ({ type: 'ip' as const, value })),
  ]
  const certificate = await x509.X509CertificateGenerator.create({
    subject: new x509.Name([
      { CN: [commonName] },
      ...(organization ? [{ O: [organization] }] : []),
    ]).toString(),
    issuer: signer.name,
    publicKey: keys.publicKey,
    signingKey: signer.privateKey,
    signingAlgorithm: algorithm,
    ...validity(),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([
        x509.ExtendedKeyUsage.clientAuth,
        x509.ExtendedKeyUsage.serverAuth,
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(signer.publicKey),
      ...(alternatives.length > 0 ? [new x509.SubjectAlternativeNameExtension(alternatives)] : []),
    ],
  })
  const { privateKey: key } = await pemKeys(keys)
  return { certificate: certificate.toString('pem'), key }
}

/** Its dependency injection wants Reflect's metadata in place first; both cost time, so only a first start loads them. */
async function loadX509(): Promise<typeof import('@peculiar/x509')> {
  await import('reflect-metadata')
  return import('@peculiar/x509')
}

function validity(): { notBefore: Date; notAfter: Date } {
  const notBefore = new Date(Date.now() - 300_000)
  const notAfter = new Date(notBefore)
  notAfter.setFullYear(notAfter.getFullYear() + years)
  return { notBefore, notAfter }
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>
}

async function pemKeys(keys: webcrypto.CryptoKeyPair): Promise<{ publicKey: string; privateKey: string }> {
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
