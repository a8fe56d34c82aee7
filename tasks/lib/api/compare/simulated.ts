import type { KubernetesObject } from '../../manifest/object.ts'
import { workloadKinds } from '../apply/waves.ts'
import type { Run } from '../run.ts'

/** Whether the object's readiness would take machines that are not there. */
export function isSimulated(
  { options }: Pick<Run, 'options'>,
  { kind, spec }: KubernetesObject,
): boolean | undefined {
  if (!options.simulated) return undefined
  const needsMachines =
    workloadKinds.has(kind) ||
    kind === 'PersistentVolumeClaim' ||
    kind === 'PersistentVolume' ||
    (kind === 'Service' && (spec as { type?: string })?.type === 'LoadBalancer')
  return needsMachines || undefined
}
