import type { KubernetesObject } from '../../manifest/object.ts'
import { groupKindOf } from '../objects/identity.ts'
import type { DeleteFlags } from '../run.ts'

/** Why this object is not deleted with these flags: the flag that it takes. Undefined when it may go. */
export function keptReason(object: KubernetesObject, flags: DeleteFlags): string | undefined {
  const groupKind = groupKindOf(object)
  if (groupKind === 'Namespace' && builtIn.has(object.metadata.name)) return 'the cluster itself needs it'
  const rule = rules[groupKind]
  return rule && !flags[rule.flag] ? `deleting it takes ${rule.option}` : undefined
}

const rules: Record<string, { flag: keyof DeleteFlags; option: string }> = {
  Namespace: { flag: 'includeNamespaces', option: '--include-namespaces' },
  'CustomResourceDefinition.apiextensions.k8s.io': { flag: 'includeCrds', option: '--include-crds' },
  PersistentVolume: { flag: 'includeVolumes', option: '--include-volumes' },
  PersistentVolumeClaim: { flag: 'includeVolumes', option: '--include-volumes' },
}

const builtIn = new Set(['default', 'kube-system', 'kube-public', 'kube-node-lease'])
