import { expect, test } from 'vitest'
import { admissionConfiguration } from '../../tasks/lib/kubernetes/api-server/admission.ts'
import { auditPolicy } from '../../tasks/lib/kubernetes/api-server/audit.ts'
import { encryptionConfiguration } from '../../tasks/lib/kubernetes/api-server/encryption.ts'

test('Pod Security enforces baseline, warns of restricted, and is pinned to the minor', () => {
  expect(admissionConfiguration('1.36.3')).toEqual({
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'AdmissionConfiguration',
    plugins: [
      {
        name: 'PodSecurity',
        configuration: {
          apiVersion: 'pod-security.admission.config.k8s.io/v1',
          kind: 'PodSecurityConfiguration',
          defaults: {
            enforce: 'baseline',
            'enforce-version': 'v1.36',
            audit: 'restricted',
            'audit-version': 'v1.36',
            warn: 'restricted',
            'warn-version': 'v1.36',
          },
          exemptions: { usernames: [], runtimeClasses: [], namespaces: ['kube-system'] },
        },
      },
    ],
  })
})

const keys = [
  { name: 'new', secret: 'bmV3' },
  { name: 'old', secret: 'b2xk' },
]

test('Secrets are written with the first key by secretbox and never as plain text', () => {
  expect(encryptionConfiguration(keys)).toEqual({
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'EncryptionConfiguration',
    resources: [{ resources: ['secrets'], providers: [{ secretbox: { keys } }] }],
  })
})

test('plain text is still read, after the keys, while old Secrets are being rewritten', () => {
  const { resources } = encryptionConfiguration(keys, { readsPlaintext: true })
  expect(resources).toEqual([
    { resources: ['secrets'], providers: [{ secretbox: { keys } }, { identity: {} }] },
  ])
})

test('the audit policy records who did what and never a body', () => {
  const { rules } = auditPolicy() as { rules: { level: string }[] }
  expect(rules.map(({ level }) => level)).toEqual(['None', 'None', 'None', 'None', 'Metadata'])
})
