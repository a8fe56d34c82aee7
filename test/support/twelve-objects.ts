import type { ObjectSet } from '../../tasks/lib/api/run.ts'
import { object } from './objects.ts'
import { setOf } from './sets.ts'

/** A set of twelve objects, of every wave, in a namespace that exists. */
export function twelveObjects(namespace: string): ObjectSet {
  const name = (last: string) => `${namespace}/${last}`
  const labels = { app: 'web' }
  const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web:1' }] } }
  const role = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' }
  const versions = [
    { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } },
  ]
  const names = { kind: 'Dozen', plural: 'dozens' }
  const rbac = 'rbac.authorization.k8s.io/v1'
  return setOf('twelve', [
    object('CustomResourceDefinition apiextensions.k8s.io/v1', 'dozens.faults.test', {
      spec: { group: 'faults.test', scope: 'Namespaced', names, versions },
    }),
    object('Dozen faults.test/v1', name('one')),
    object('PriorityClass scheduling.k8s.io/v1', 'twelve-test', { value: 7 }),
    object(`Role ${rbac}`, name('reader'), {
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
    }),
    object(`RoleBinding ${rbac}`, name('reader'), {
      roleRef: role,
      subjects: [{ kind: 'ServiceAccount', name: 'web' }],
    }),
    object('ServiceAccount', name('web')),
    object('ConfigMap', name('web'), { data: { a: '1' } }),
    object('Secret', name('web'), { stringData: { key: 'value' } }),
    object('Service', name('web'), { spec: { selector: labels, ports: [{ port: 80 }] } }),
    object('PodDisruptionBudget policy/v1', name('web'), {
      spec: { selector: { matchLabels: labels }, maxUnavailable: 1 },
    }),
    object('Deployment apps/v1', name('web'), { spec: { selector: { matchLabels: labels }, template } }),
    object('HorizontalPodAutoscaler autoscaling/v2', name('web'), {
      spec: { maxReplicas: 2, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } },
    }),
  ])
}
