import { expect, test } from 'vitest'
import { transientReason } from '../../tasks/lib/sandbox/transient.ts'

const hooks = { webhooks: [{ name: 'a', clientConfig: { service: { name: 's', namespace: 'n' } } }] }
const webhook = 'dry run only: nothing answers this webhook in the sandbox'

test.each([
  ['admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', hooks, webhook],
  ['admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration', hooks, webhook],
  [
    'admissionregistration.k8s.io/v1',
    'ValidatingWebhookConfiguration',
    { webhooks: [{ name: 'a', clientConfig: { url: 'https://hook.example.com' } }] },
    webhook,
  ],
  ['admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', { webhooks: [] }, undefined],
  ['admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicy', { spec: {} }, undefined],
  [
    'apiregistration.k8s.io/v1',
    'APIService',
    { spec: { service: { name: 's', namespace: 'n' } } },
    'dry run only: nothing serves this API in the sandbox',
  ],
  ['apiregistration.k8s.io/v1', 'APIService', { spec: { group: 'a' } }, undefined],
  ['v1', 'Service', { spec: {} }, undefined],
])(
  '%s %s with %j is stored unless something behind a Service would have to answer',
  (apiVersion, kind, rest, reason) => {
    expect(transientReason({ apiVersion, kind, metadata: { name: 'x' }, ...rest })).toBe(reason)
  },
)
