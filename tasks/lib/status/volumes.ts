import type { Observed } from '../api/objects/observed.ts'
import { quantityValue } from '../config/variables/quantity.ts'
import { pendingClaims } from './claims.ts'
import type { Lists } from './lists.ts'
import type { VolumeGroup, VolumesStatus } from './model.ts'
import { byName } from './words.ts'

/** PersistentVolumes counted by node and group, and the claims that wait. Pure. */
export function volumesStatus(
  lists: Lists,
  { simulated, orphans }: { simulated: boolean; orphans: string[] },
): VolumesStatus {
  const { volumes, claims } = lists
  return {
    simulated,
    groups: groupsOf(volumes),
    released: inPhase(volumes, 'Released'),
    failed: inPhase(volumes, 'Failed'),
    orphans,
    boundClaims: inPhase(claims, 'Bound').length,
    pendingClaims: pendingClaims(lists),
  }
}

function groupsOf(volumes: Observed[]): VolumeGroup[] {
  const groups = new Map<string, VolumeGroup>()
  for (const volume of volumes) {
    const fresh = emptyGroup(volume)
    const key = `${fresh.node}\0${kindOrder.indexOf(fresh.kind)}\0${fresh.name}`
    const group = groups.get(key) ?? fresh
    groups.set(key, group)
    add(group, volume)
  }
  return [...groups]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, group]) => group)
    .sort(byNode)
}

// Volumes on the network come after those of all nodes.
function byNode({ node: one }: VolumeGroup, { node: other }: VolumeGroup): number {
  if (one === null || other === null) return Number(one === null) - Number(other === null)
  return byName(one, other)
}

const kindOrder = ['pool', 'named', 'class']

function emptyGroup(volume: Observed): VolumeGroup {
  const counts = { count: 0, available: 0, bound: 0, released: 0, failed: 0, bytes: 0, boundBytes: 0 }
  const group = volume.metadata.labels?.['volume.group']
  if (!group) {
    const name = volume.spec?.storageClassName || 'no class'
    return { node: nodeOf(volume), kind: 'class', name, ...counts }
  }
  return { node: nodeOf(volume), kind: group.startsWith('pool-') ? 'pool' : 'named', name: group, ...counts }
}

interface Term {
  matchExpressions?: { key: string; operator: string; values?: string[] }[]
}

// The one host that the volume's affinity allows; a volume on the network allows more than one, or says nothing.
function nodeOf({ spec }: Observed): string | null {
  const terms: Term[] = spec?.nodeAffinity?.required?.nodeSelectorTerms ?? []
  const hosts = terms
    .flatMap(({ matchExpressions = [] }) => matchExpressions)
    .filter(({ key, operator }) => key === 'kubernetes.io/hostname' && operator === 'In')
    .flatMap(({ values = [] }) => values)
  return hosts.length === 1 ? hosts[0]! : null
}

function add(group: VolumeGroup, { spec, status }: Observed): void {
  const bytes = quantityValue(String(spec?.capacity?.storage ?? '')) ?? 0
  group.count++
  group.bytes += bytes
  if (status?.phase === 'Bound') {
    group.bound++
    group.boundBytes += bytes
  } else if (status?.phase === 'Released') group.released++
  else if (status?.phase === 'Failed') group.failed++
  else group.available++
}

function inPhase(objects: Observed[], phase: string): string[] {
  return objects.filter(({ status }) => status?.phase === phase).map(({ metadata }) => metadata.name)
}
