import { type Finding, placeText } from '../../cli/errors.ts'
import type { HostScope } from './ansible/host-scope.ts'
import { settingsOf } from './ansible/placed.ts'
import { type FoundVolume, readLuksVolume } from './luks-volume.ts'
import type { OldNode, OldVolume } from './old-cluster.ts'
import { leave, type Taken, takeSettings, takeText } from './reading.ts'

interface At {
  scope: HostScope
  findings: Finding[]
}

/** The encrypted volumes of a host; one that cannot be understood whole is left out, by name. */
export function readLuksVolumes(scope: HostScope, findings: Finding[]): Pick<OldNode, 'volumes' | 'left'> {
  const at = { scope, findings }
  const volumes: OldVolume[] = []
  const left: Taken[] = []
  for (const found of [...newerForm(at), ...olderForm(at)]) {
    const volume = readLuksVolume(found, at)
    if (volume && isAlone(volume, { volumes, found, at })) volumes.push(volume)
    else left.push({ value: found.name, from: placeText(found.written.place) })
  }
  return { volumes, left }
}

// Of two file systems at one place, one hides the other.
function isAlone(
  { path }: OldVolume,
  { volumes, found, at }: { volumes: OldVolume[]; found: FoundVolume; at: At },
): boolean {
  const bare = (text: string) => text.replace(/(?<=.)\/+$/, '')
  const other = volumes.find((one) => bare(one.path.value) === bare(path.value))
  const hint = `give one of them another path in cluster.yaml, at the volumes of ${at.scope.host}`
  const wanted = { name: `${found.title}.path`, hint, findings: at.findings }
  if (other) leave(found.written.place, `is that of ${other.name.value} too: it is left out`, wanted)
  return !other
}

function newerForm(at: At): FoundVolume[] {
  const wanted = { name: 'luks_volumes', hint: "write the node's volumes into cluster.yaml", ...at }
  const volumes = takeSettings(at.scope.variable('luks_volumes'), at.scope, wanted) ?? new Map()
  return [...volumes].map(([name, written]) => ({ name, title: `luks_volumes.${name}`, written }))
}

// Of 2018: the volumes stood below the name of their volume group, and "vg" chose the group.
function olderForm(at: At): FoundVolume[] {
  const { scope } = at
  const written = scope.written.get('volumes') && scope.variable('volumes')
  const vg = takeText(scope.variable('vg'), scope, { name: 'vg', hint: 'name the volume group', ...at })
  if (!settingsOf(written) || !vg) return []
  return [...settingsOf(written)!].flatMap(([group, volumes]) => {
    const wanted = { name: `volumes.${group}`, hint: "write the node's volumes into cluster.yaml", ...at }
    if (group !== vg.value)
      return leave(volumes.place, `is not the volume group of "vg", ${vg.value}`, wanted) ?? []
    const entries = takeSettings(volumes, scope, wanted) ?? new Map()
    return [...entries].map(([name, entry]) => ({
      name,
      title: `volumes.${group}.${name}`,
      written: entry,
      vg,
    }))
  })
}
