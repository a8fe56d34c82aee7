import { createPrivateKey, createPublicKey, sign, verify, X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { createCertificates } from '../../tasks/lib/sandbox/control-plane/certificates.ts'

const made = await createCertificates('10.96.0.1')
const authority = new X509Certificate(made.authority.certificate)

test.each(['apiServer', 'etcd', 'admin', 'controllerManager', 'scheduler', 'kwok'] as const)(
  'the certificate of %s is signed by the authority and belongs to its key',
  (name) => {
    const certificate = new X509Certificate(made[name].certificate)
    expect(certificate.verify(authority.publicKey)).toBe(true)
    expect(certificate.checkIssued(authority)).toBe(true)
    expect(certificate.checkPrivateKey(createPrivateKey(made[name].key))).toBe(true)
    expect(certificate.ca).toBe(false)
  },
)

test('users are who Kubernetes takes them for', () => {
  const subject = (name: 'admin' | 'scheduler') => new X509Certificate(made[name].certificate).subject
  expect(subject('admin')).toBe('CN=kubernetes-admin\nO=system:masters')
  expect(subject('scheduler')).toBe('CN=system:kube-scheduler')
})

test('the API server is reached as 127.0.0.1, localhost and the kubernetes Service', () => {
  const certificate = new X509Certificate(made.apiServer.certificate)
  for (const address of ['127.0.0.1', '10.96.0.1']) expect(certificate.checkIP(address)).toBe(address)
  for (const name of ['localhost', 'kubernetes.default.svc']) expect(certificate.checkHost(name)).toBe(name)
  expect(certificate.checkIP('192.0.2.1')).toBeUndefined()
})

test('the keys for service account tokens are a pair', () => {
  const data = Buffer.from('token')
  const signature = sign('sha256', data, createPrivateKey(made.serviceAccount.privateKey))
  expect(verify('sha256', data, createPublicKey(made.serviceAccount.publicKey), signature)).toBe(true)
})
