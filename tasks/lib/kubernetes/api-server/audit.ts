import type { JsonMap } from '../../manifest/object.ts'

/** Who asks all day long without a person behind it. */
const components = ['system:kube-controller-manager', 'system:kube-scheduler', 'system:apiserver']

/**
 * The file of --audit-policy-file: who changed what, and who read Secrets. Never a body, so that no value of a
 * Secret reaches the log; nothing of the reads by which components and nodes keep themselves informed.
 */
export function auditPolicy(): JsonMap {
  return {
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    omitManagedFields: true,
    rules: [
      { level: 'None', nonResourceURLs: ['/healthz*', '/livez*', '/readyz*', '/version', '/openapi/*'] },
      {
        level: 'None',
        resources: [
          { group: '', resources: ['events'] },
          { group: 'events.k8s.io', resources: ['events'] },
          { group: 'coordination.k8s.io', resources: ['leases'] },
        ],
      },
      {
        level: 'None',
        users: components,
        userGroups: [],
        verbs: ['get', 'list', 'watch'],
      },
      { level: 'None', userGroups: ['system:nodes'], verbs: ['get', 'list', 'watch'] },
      { level: 'Metadata' },
    ],
  }
}
