import { webcrypto } from 'node:crypto'
import { registerSecret } from '../../cli/redact.ts'
import type { KubernetesObject } from '../../manifest/object.ts'

/** Who a client certificate is for: the API server takes CN as the user and each O as a group. */
export interface Subject {
  user: string
  group: string
}

/** A private key and the request that asks for its certificate, both PEM. */
export interface KeyAndRequest {
  key: string
  request: string
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/** A new key on P-256 and its PKCS#10 request (RFC 2986); the key is registered for redaction. */
export async function createRequest({ user, group }: Subject): Promise<KeyAndRequest> {
  // Its dependency injection wants Reflect's metadata first; both cost time, so only this loads them.
  await import('reflect-metadata')
  const x509 = await import('@peculiar/x509')
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, [
    'sign',
    'verify',
  ])) as webcrypto.CryptoKeyPair
  const key = x509.PemConverter.encode(
    await webcrypto.subtle.exportKey('pkcs8', keys.privateKey),
    x509.PemConverter.PrivateKeyTag,
  )
  registerSecret(key)
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: new x509.Name([{ O: [group] }, { CN: [user] }]).toJSON(),
    keys,
    signingAlgorithm: algorithm,
  })
  return { key: `${key}\n`, request: `${request.toString('pem')}\n` }
}

/** The CertificateSigningRequest that has the cluster's authority sign a client certificate. */
export function signingRequest(
  name: string,
  { request, days }: { request: string; days: number },
): KubernetesObject {
  return {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name, labels: { 'app.kubernetes.io/managed-by': 'metaltasks' } },
    spec: {
      request: Buffer.from(request).toString('base64'),
      signerName: 'kubernetes.io/kube-apiserver-client',
      expirationSeconds: Math.round(days * 86_400),
      usages: ['client auth', 'digital signature'],
    },
  }
}

/** A patch of the subresource "approval". */
export function approval(user: string): object {
  const condition = {
    type: 'Approved',
    status: 'True',
    reason: 'TasksKubeconfig',
    message: `tasks kubeconfig asked for the certificate of ${user} and approves it`,
  }
  return { status: { conditions: [condition] } }
}
