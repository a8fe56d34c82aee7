import { expect, test } from 'vitest'
import { keptReason } from '../../tasks/lib/api/sets/deletable.ts'
import { object } from '../support/objects.ts'

const all = { includeNamespaces: true, includeCrds: true, includeVolumes: true }
const cases: [type: string, name: string, flags: object, reason: string | undefined][] = [
  ['ConfigMap', 'web/conf', {}, undefined],
  ['Namespace', 'web', {}, 'deleting it takes --include-namespaces'],
  ['Namespace', 'web', { includeNamespaces: true }, undefined],
  ['Namespace', 'default', all, 'the cluster itself needs it'],
  ['Namespace', 'kube-system', all, 'the cluster itself needs it'],
  ['CustomResourceDefinition apiextensions.k8s.io/v1', 'a.b', {}, 'deleting it takes --include-crds'],
  ['CustomResourceDefinition apiextensions.k8s.io/v1', 'a.b', { includeCrds: true }, undefined],
  [
    'PersistentVolume',
    'pv',
    { includeNamespaces: true, includeCrds: true },
    'deleting it takes --include-volumes',
  ],
  ['PersistentVolume', 'pv', all, undefined],
  ['PersistentVolumeClaim', 'web/data', { includeNamespaces: true }, 'deleting it takes --include-volumes'],
]
for (const [type, name, flags, reason] of cases) {
  test(`${type} ${name} with ${Object.keys(flags).join(', ') || 'no flag'}: ${reason ?? 'may be deleted'}`, () => {
    expect(keptReason(object(type, name), flags)).toBe(reason)
  })
}
