import { X509Certificate } from 'node:crypto'
import { text } from '../../api/kubeconfig/kubeconfig-entry.ts'
import type { Fields } from '../../api/kubeconfig/kubeconfig-files.ts'
import type { Subject } from './certificate-request.ts'

/** What a client certificate says of itself. */
export interface HeldCertificate extends Partial<Subject> {
  from: Date
  until: Date
}

/** Reads a certificate in PEM; undefined where it is none. */
export function readCertificate(pem: string): HeldCertificate | undefined {
  try {
    const certificate = new X509Certificate(pem)
    const { CN, O } = certificate.toLegacyObject().subject as { CN?: string; O?: string | string[] }
    const group = Array.isArray(O) ? O.join(', ') : O
    return { user: CN, group, from: new Date(certificate.validFrom), until: new Date(certificate.validTo) }
  } catch {
    // Whoever asks gets a new one, or is told by the server.
    return undefined
  }
}

/** The client certificate inside a user entry. */
export function heldCertificate(user: Fields): HeldCertificate | undefined {
  const data = text(user, 'client-certificate-data')
  return data === undefined ? undefined : readCertificate(Buffer.from(data, 'base64').toString())
}

const day = 86_400_000

/** Why a user's certificate has to be replaced; undefined for one that is of this subject and lasts a while yet. */
export function whyRenew(
  held: HeldCertificate | undefined,
  { subject, now }: { subject: Subject; now: Date },
): string | undefined {
  if (!held) return 'there is none yet'
  const { user, group, from, until } = held
  if (user !== subject.user || group !== subject.group) return `the present one is for ${user} of ${group}`
  const left = until.getTime() - now.getTime()
  if (left <= 0) return `the present one ended on ${dayOf(until)}`
  // A cluster that signs for a week only must not get a request on every run.
  const enough = Math.min(30 * day, (until.getTime() - from.getTime()) / 3)
  return left > enough ? undefined : `the present one ends on ${dayOf(until)}`
}

/** "2027-03-01" */
export function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10)
}
