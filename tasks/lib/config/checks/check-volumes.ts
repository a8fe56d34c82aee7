import type { Finding, Place } from '../../cli/errors.ts'
import { type Checked, isFromClusterFile, placeOfNode, placeOfVariable } from '../cluster-file/places.ts'
import type { ClusterNode, NodeVolume } from '../model.ts'
import { quantityValue } from '../variables/quantity.ts'

// What lacks a field has its finding from the reader; the checks pass over it.
// A LUKS2 header takes 16 MiB; nothing would be left.
const smallestVolume = 16 * 2 ** 20
const mostInPool = 9999

/** Volumes that are too small, or that share a name or a path; pools with more volumes than names have digits. */
export function checkVolumes(checked: Checked): Finding[] {
  return [
    ...checked.config.cluster.nodes.flatMap((node, index) => checkNodeVolumes(node, { checked, index })),
    ...checkPools(checked),
    ...checkNamedVolumes(checked),
  ]
}

function checkNodeVolumes(node: ClusterNode, at: { checked: Checked; index: number }): Finding[] {
  const placeOf = (volume: number, field: string) =>
    placeOfNode(at.checked, { index: at.index, field: `volumes[${volume}].${field}` })
  return node.volumes.flatMap((volume, index) => [
    ...checkSize(volume, placeOf(index, 'size')),
    ...sharedBy('name', { node, index, place: placeOf(index, 'name') }),
    ...sharedBy('path', { node, index, place: placeOf(index, 'path') }),
  ])
}

function checkSize({ name, size }: NodeVolume, place: Partial<Place>): Finding[] {
  const bytes = quantityValue(size ?? '')
  if (bytes === undefined || bytes > smallestVolume) return []
  const hint = /^[0-9]+$/.test(size) ? `did you mean ${size}Mi?` : 'for example size: 100Gi'
  return [
    {
      severity: 'error',
      ...place,
      message: `volume ${name} has the size ${size}, expected more than 16Mi`,
      hint,
    },
  ]
}

function sharedBy(
  field: 'name' | 'path',
  at: { node: ClusterNode; index: number; place: Partial<Place> },
): Finding[] {
  const { node, index, place } = at
  const volume = node.volumes[index]!
  const first = node.volumes.findIndex((other) => sameVolume(other, volume, field))
  if (first === index || volume[field] === undefined) return []
  const message = `two volumes of ${node.name} have the ${field} ${volume[field]}`
  return [{ severity: 'error', ...place, message, hint: `give one of them another ${field}` }]
}

function sameVolume(one: NodeVolume, other: NodeVolume, field: 'name' | 'path'): boolean {
  if (field === 'name') return one.name === other.name
  return withoutSlash(one.path) === withoutSlash(other.path)
}

function withoutSlash(path: string | undefined): string | undefined {
  return path?.replace(/(?<=.)\/+$/, '')
}

function checkPools(checked: Checked): Finding[] {
  return checked.config.cluster.pools.flatMap(({ name, count }) => {
    if (count <= mostInPool || isFromClusterFile(checked, `POOL_NUM_${name.toUpperCase()}`)) return []
    const place = placeOfVariable(checked, `POOL_NUM_${name.toUpperCase()}`)
    const message = `${count} ${name} volumes per node, expected at most ${mostInPool}`
    return [{ severity: 'error', ...place, message, hint: `for example POOL_NUM_${name.toUpperCase()}=30` }]
  })
}

function checkNamedVolumes(checked: Checked): Finding[] {
  const { namedVolumes, pools } = checked.config.cluster
  const place = placeOfVariable(checked, 'NAMED_VOLUMES')
  const folders = pools.map((pool) => `pool-${pool.name.charAt(0)}`)
  return namedVolumes.flatMap(({ name }, index) => {
    if (namedVolumes.findIndex((other) => other.name === name) < index) {
      return [
        {
          severity: 'error',
          ...place,
          message: `named volume ${name} is there twice`,
          hint: 'remove one of the two',
        },
      ]
    }
    if (!folders.includes(name)) return []
    const message = `named volume ${name} has the name of a pool's folder`
    return [{ severity: 'error', ...place, message, hint: 'give it another name' }]
  })
}
