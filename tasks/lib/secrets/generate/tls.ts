import { createPrivateKey, type KeyObject, webcrypto, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { type Finding, TaskError } from '../../cli/errors.ts'

/** A certificate (or chain, the server's first) with its private key, both PEM. */
export interface TlsPair {
  certificate: string
  key: string
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const day = 86_400_000

/** A certificate that signs itself, for these domain names and addresses; the first is its common name. */
export async function selfSigned(
  names: string[],
  { days, now }: { days: number; now: Date },
): Promise<TlsPair> {
  // Its dependency injection wants Reflect's metadata in place first.
  await import('reflect-metadata')
  const x509 = await import('@peculiar/x509')
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, [
    'sign',
    'verify',
  ])) as webcrypto.CryptoKeyPair
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: new x509.Name([{ CN: [names[0]!] }]).toString(),
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(now.getTime() - 300_000),
    notAfter: new Date(now.getTime() + days * day),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) ? ('ip' as const) : ('dns' as const), value })),
      ),
    ],
  })
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey))
  return { certificate: `${certificate.toString('pem').trimEnd()}\n`, key: pem(key) }
}

function pem(key: Buffer): string {
  const lines = key.toString('base64').match(/.{1,64}/g)!
  return `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`
}

/** Throws where the two do not belong together or the certificate has ended; gives a warning when it soon will. */
export function checkTlsPair(
  { certificate, key }: TlsPair,
  { now, certificateFile, keyFile }: { now: Date; certificateFile: string; keyFile: string },
): Finding[] {
  const parsed = readCertificate(certificate, certificateFile)
  if (!parsed.checkPrivateKey(readKey(key, keyFile)))
    throw new TaskError(`the private key belongs to another certificate than ${certificateFile}`, {
      file: keyFile,
      hint: 'give the pair that was issued together, the certificate of the server first in its file',
    })
  const ends = new Date(parsed.validTo)
  const date = ends.toISOString().slice(0, 10)
  if (ends <= now) throw new TaskError(`the certificate ended on ${date}`, { file: certificateFile })
  if (ends.getTime() - now.getTime() > 30 * day) return []
  return [{ severity: 'warning', message: `the certificate ends on ${date}`, file: certificateFile }]
}

function readCertificate(text: string, file: string): X509Certificate {
  try {
    return new X509Certificate(text)
  } catch (cause) {
    throw new TaskError('is not a certificate in PEM', { file, cause, hint: beginHint('CERTIFICATE') })
  }
}

function readKey(text: string, file: string): KeyObject {
  if (/BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/.test(text))
    throw new TaskError('the private key has a passphrase, which a server in the cluster cannot give', {
      file,
      hint: 'take it off by a pipe, so that the clear key stays off the disk: openssl pkey -in FILE | tasks secrets:new …',
    })
  try {
    return createPrivateKey(text)
  } catch {
    // The cause may quote the key.
    throw new TaskError('is not a private key in PEM', { file, hint: beginHint('PRIVATE KEY') })
  }
}

function beginHint(label: string): string {
  return `the file begins with -----BEGIN ${label}-----`
}
