import type { Finding } from '../../cli/errors.ts'
import type { KubernetesObject } from '../../manifest/object.ts'
import { ownFields } from '../compare/managed-fields.ts'
import { partOfLabel } from './applyset.ts'
import type { Desired } from './desired.ts'
import { setNamed } from './parents.ts'
import type { Scene } from './scene.ts'

/** The id of the set that an object on the server belongs to, if any. */
export function setIdOf(live: KubernetesObject): string | undefined {
  return live.metadata.labels?.[partOfLabel]
}

/** Why an object may not be taken into the set; nothing when it may. */
export function membershipFinding(
  scene: Scene,
  { desired, live }: { desired: Desired; live: KubernetesObject },
): Finding | undefined {
  const id = setIdOf(live)
  if (!id || id === desired.set.id || isLetGo(scene, { desired, id })) return undefined
  const other = setNamed(scene.parents, id)
  const { name } = desired.set.set
  if (other)
    return {
      severity: 'error',
      message: `${desired.title} belongs to the set ${other}`,
      hint: `remove it from ${other} and apply both in one run: tasks apply ${other} ${name}`,
      ...desired.entry.source,
    }
  // A set of ours whose record is gone: nobody prunes it any more.
  if (!scene.parents.has(id) && labelIsOurs(live)) return undefined
  return {
    severity: 'error',
    message: `${desired.title} belongs to another tool's set, ${id}`,
    hint: `let that tool give it up, or take its label off: kubectl label ${kubectlName(live)} ${partOfLabel}-`,
    ...desired.entry.source,
  }
}

/** True when the other set is applied in this run as well and does not have the object any more. */
function isLetGo({ sets }: Scene, { desired, id }: { desired: Desired; id: string }): boolean {
  const other = sets.find((set) => set.id === id)
  return other !== undefined && !other.members.has(desired.key)
}

function labelIsOurs(live: KubernetesObject): boolean {
  const labels = ownFields(live)?.fieldsV1?.['f:metadata']?.['f:labels']
  return labels !== undefined && `f:${partOfLabel}` in labels
}

function kubectlName({ kind, metadata }: KubernetesObject): string {
  return `${kind.toLowerCase()} ${metadata.name}${metadata.namespace ? ` -n ${metadata.namespace}` : ''}`
}
