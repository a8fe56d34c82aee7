import type { Finding } from '../../cli/errors.ts'
import { type KubernetesObject, objectTitle } from '../../manifest/object.ts'
import { keyOf } from '../objects/identity.ts'
import { keptReason } from './deletable.ts'
import type { DesiredSet } from './desired.ts'
import type { Scene } from './scene.ts'

/** What of a set's members is not in its files any more. */
export interface Pruning {
  /** To be deleted. */
  surplus: KubernetesObject[]
  /** To stay, members still: their kinds need a flag. */
  kept: KubernetesObject[]
  /** Why nothing of it may be deleted yet. */
  blocked?: Finding
}

/** Above this share of a set, deleting is asked for by name. */
const largestShare = 0.2

/**
 * The members that left the files. Nothing that any set of this run wants goes, whatever version or set it is in now,
 * and what takes data or other objects along stays without its flag.
 */
export function pruningOf(
  scene: Scene,
  { set, members }: { set: DesiredSet; members: KubernetesObject[] },
): Pruning {
  const { options, sets } = scene
  const wantedUids = new Set(
    members.filter((live) => set.members.has(keyOf(live))).map(({ metadata }) => metadata.uid),
  )
  const left = members.filter(
    (live) => !wantedUids.has(live.metadata.uid) && !sets.some((other) => other.members.has(keyOf(live))),
  )
  if (options.prune === false) return { surplus: [], kept: left }
  const kept = left.filter((live) => keptReason(live, options))
  const surplus = left.filter((live) => !keptReason(live, options))
  for (const live of kept)
    scene.findings.push({
      severity: 'note',
      message: `${orphanWord(live)}${objectTitle(live)} is not in ${set.set.source} any more and stays: ${keptReason(live, options)}`,
    })
  return { surplus, kept, blocked: tooMany({ set, surplus, members, allowed: options.pruneMany }) }
}

// The word by which operators look for what holds data and is wanted by nobody.
function orphanWord({ kind }: KubernetesObject): string {
  return kind === 'PersistentVolume' ? 'orphan: ' : ''
}

function tooMany({
  set,
  surplus,
  members,
  allowed,
}: {
  set: DesiredSet
  surplus: KubernetesObject[]
  members: KubernetesObject[]
  allowed?: boolean
}): Finding | undefined {
  // A set that is emptied may be a folder that is not there on this machine.
  const isEmptied = set.members.size === 0 && surplus.length > 0
  const isSmall = surplus.length <= 1 || surplus.length <= members.length * largestShare
  if (allowed || (isSmall && !isEmptied)) return undefined
  return {
    severity: 'error',
    message: `${surplus.length} of the ${members.length} objects of ${set.set.name} would be deleted: more than a fifth`,
    hint: `if that is meant, add --prune-many; to keep them, --no-prune`,
    file: set.set.source,
  }
}
