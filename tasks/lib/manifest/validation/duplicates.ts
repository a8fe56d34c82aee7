import { type Finding, placeText } from '../../cli/errors.ts'
import { type ManifestObject, objectTitle } from '../object.ts'
import { groupOf, type Known, kindName } from './kinds.ts'

/** An error for each object that the set holds twice, naming both places. */
export function duplicates(objects: ManifestObject[], known: Known): Finding[] {
  const seen = new Map<string, ManifestObject>()
  return objects.flatMap((manifest) => {
    const identity = identityOf(manifest, known)
    if (identity === undefined) return []
    const first = seen.get(identity)
    if (!first) seen.set(identity, manifest)
    return first ? [duplicate(manifest, first)] : []
  })
}

/** Versions of one group show the same object. */
function identityOf(manifest: ManifestObject, known: Known): string | undefined {
  const { apiVersion, kind, metadata } = manifest.object
  if (typeof metadata?.name !== 'string' || typeof apiVersion !== 'string') return undefined
  const namespaced =
    known.schemas.kind(apiVersion, kind)?.namespaced ??
    known.custom.get(`${groupOf(apiVersion)} ${kind}`)?.namespaced ??
    true
  const namespace = namespaced ? metadata.namespace || known.namespaceOf(manifest) : ''
  return `${kindName(apiVersion, kind)} ${namespace}/${metadata.name}`
}

function duplicate({ object, source }: ManifestObject, first: ManifestObject): Finding {
  return {
    severity: 'error',
    message: `${objectTitle(object)}: is already at ${placeText(first.source)}`,
    hint: 'remove one of the two, or give it another name',
    ...source,
  }
}
