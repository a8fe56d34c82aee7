import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto'
import type { ApiClient } from '../../api/client.ts'
import type { Progress } from '../../cli/change.ts'
import { TaskError } from '../../cli/errors.ts'
import { approval, createRequest, type Subject, signingRequest } from './certificate-request.ts'
import { readCertificate } from './held-certificate.ts'

/** A client certificate with its private key, both PEM. */
export interface ClientCertificate {
  certificate: string
  key: string
}

const apiVersion = 'certificates.k8s.io/v1'
const kind = 'CertificateSigningRequest'

/**
 * Has the cluster sign a new client certificate: asks, approves, waits for the controller manager, and takes the
 * request away again. The private key stays in this process.
 */
export async function obtainCertificate(
  client: ApiClient,
  { subject, days, progress }: { subject: Subject; days: number; progress: Progress },
): Promise<ClientCertificate> {
  const { key, request } = await createRequest(subject)
  const name = `metaltasks-${randomBytes(6).toString('hex')}`
  await client.create(signingRequest(name, { request, days }), { signal: progress.signal })
  try {
    const type = 'application/merge-patch+json'
    await client.patch({ apiVersion, kind, name }, approval(subject.user), type, { subresource: 'approval' })
    progress.say(`waiting for the signature of ${subject.user}`)
    const certificate = await signedCertificate(client, { name, signal: progress.signal })
    expectFitting(certificate, { key, subject })
    return { certificate, key }
  } finally {
    // The certificate, or the error, is worth more than a request that the cluster removes by itself in an hour.
    await client.remove({ apiVersion, kind, name }).catch(() => {})
  }
}

const patienceSeconds = 30

async function signedCertificate(
  client: ApiClient,
  { name, signal }: { name: string; signal: AbortSignal },
): Promise<string> {
  const resource = (await client.discovery()).find(apiVersion, kind)!
  const limit = AbortSignal.any([signal, AbortSignal.timeout(patienceSeconds * 1000)])
  for await (const { object } of client.watch(resource, { name, signal: limit })) {
    const certificate = certificateIn(object)
    if (certificate !== undefined) return certificate
  }
  signal.throwIfAborted()
  throw new TaskError(`nobody signed the client certificate within ${patienceSeconds} s`, {
    hint: 'kube-controller-manager signs it: kubectl -n kube-system get pods -l component=kube-controller-manager',
  })
}

interface Status {
  certificate?: string
  conditions?: { type: string; reason?: string; message?: string }[]
}

/** The certificate of a signed request, undefined while it is not signed; an error when it never will be. */
export function certificateIn(request: Record<string, unknown>): string | undefined {
  const { certificate, conditions = [] } = (request.status ?? {}) as Status
  const refusal = conditions.find(({ type }) => type === 'Denied' || type === 'Failed')
  if (refusal) {
    const { type, reason = '', message = '' } = refusal
    throw new TaskError(
      `the request for the client certificate was ${type === 'Denied' ? 'denied' : 'approved but not signed'}: ${message || reason}`,
      { hint: 'see what approves or refuses requests in this cluster, then: tasks kubeconfig' },
    )
  }
  return certificate ? Buffer.from(certificate, 'base64').toString() : undefined
}

function expectFitting(certificate: string, { key, subject }: { key: string; subject: Subject }): void {
  if (!new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))) {
    throw new TaskError('the cluster signed another key than the one that was asked for')
  }
  const { user, group } = readCertificate(certificate) ?? {}
  if (user === subject.user && group === subject.group) return
  throw new TaskError(
    `the cluster signed a certificate for ${user} of ${group}, asked was ${subject.user} of ${subject.group}`,
  )
}
