import { type Finding, placeText } from '../../cli/errors.ts'
import { formatNamed } from '../variables/formats.ts'
import { quantityValue } from '../variables/quantity.ts'
import type { HostScope } from './ansible/host-scope.ts'
import { type Placed, type Settings, settingsOf } from './ansible/placed.ts'
import { quantityOfLvmSize } from './lvm-size.ts'
import type { OldNode, OldVolume } from './old-cluster.ts'
import { leave, type Taken, takeSettings, takeText, type Wanted } from './reading.ts'

interface At {
  scope: HostScope
  findings: Finding[]
}

interface Found {
  name: string
  /** "luks_volumes.volkube": said in findings. */
  title: string
  written: Placed
  /** Of the volume group, where it is not a value of its own. */
  vg?: Taken
}

/** The encrypted volumes of a host; one that cannot be understood whole is left out, by name. */
export function readLuksVolumes(scope: HostScope, findings: Finding[]): Pick<OldNode, 'volumes' | 'left'> {
  const at = { scope, findings }
  const volumes: OldVolume[] = []
  const left: Taken[] = []
  for (const found of [...newerForm(at), ...olderForm(at)]) {
    const volume = readVolume(found, at)
    if (volume) volumes.push(volume)
    else left.push({ value: found.name, from: placeText(found.written.place) })
  }
  return { volumes, left }
}

function newerForm(at: At): Found[] {
  const wanted = { name: 'luks_volumes', hint: "write the node's volumes into cluster.yaml", ...at }
  const volumes = takeSettings(at.scope.variable('luks_volumes'), at.scope, wanted) ?? new Map()
  return [...volumes].map(([name, written]) => ({ name, title: `luks_volumes.${name}`, written }))
}

// Of 2018: the volumes stood below the name of their volume group, and "vg" chose the group.
function olderForm(at: At): Found[] {
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

const keys = ['size', 'path', 'vg', 'type', 'inodes', 'options']

function readVolume({ name, title, written, vg: usualVg }: Found, at: At): OldVolume | undefined {
  const { scope } = at
  const hint = `write it into cluster.yaml, at the volumes of ${scope.host}`
  const wanted = (key: string): Wanted => ({ name: `${title}.${key}`, hint, findings: at.findings })
  const parts = takeSettings(written, scope, { name: title, hint, findings: at.findings })
  if (written.content === null && !written.isVault) {
    return leave(written.place, 'is empty: it is left out', { ...wanted(''), name: title })
  }
  if (!parts) return undefined
  reportRest(parts, wanted)
  const take = (key: string) => takeText(parts.get(key), scope, wanted(key))
  const vg = take('vg') ?? usualVg
  const size = sizeOf(parts, { scope, wanted: wanted('size') })
  const path = takeText(parts.get('path'), scope, { ...wanted('path'), format: 'path' })
  const filesystem = filesystemOf(parts, { scope, wanted: wanted('type') })
  const inodes = inodesOf(parts, { scope, wanted: wanted('inodes') })
  reportMissing({ vg, size, path }, { parts, written, wanted })
  const isName = formatNamed('lvmName').accepts
  if (!isName(name)) leave(written.place, 'is no name of a logical volume', { ...wanted(''), name: title })
  if (vg && !isName(vg.value)) leave(written.place, `is "${vg.value}", no volume group`, wanted('vg'))
  if (!isName(name) || !vg || !isName(vg.value) || !size || !path || !filesystem) return undefined
  const from = placeText(written.place)
  return { name: { value: name, from }, vg, size, path, filesystem, ...(inodes && { inodes }) }
}

interface Part {
  scope: HostScope
  wanted: Wanted
}

function sizeOf(parts: Settings, { scope, wanted }: Part): Taken | undefined {
  const taken = takeText(parts.get('size'), scope, wanted)
  const quantity = taken && quantityOfLvmSize(taken.value)
  if (!taken) return undefined
  const { place } = parts.get('size')!
  const hint = 'see the real size with lvs --units m, and write it into cluster.yaml'
  if (!quantity)
    return leave(place, `is "${taken.value}", which only the machine can tell`, { ...wanted, hint })
  if (quantityValue(quantity)! <= 16 * 2 ** 20) {
    return leave(place, `is ${quantity}, which the header of LUKS fills`, wanted)
  }
  const unit = /^[0-9.]+$/.test(taken.value) ? `, ${taken.value} in MiB` : ''
  return { value: quantity, from: `${taken.from}${unit}` }
}

function filesystemOf(parts: Settings, { scope, wanted }: Part): Taken | undefined {
  const own = parts.get('type')
  const written = own ?? scope.variable('fs_type')
  const taken = written ? takeText(written, scope, wanted) : { value: 'ext4', from: 'the usual one' }
  if (!taken || taken.value === 'ext4' || taken.value === 'xfs') return taken
  return leave(written!.place, `is ${taken.value}, expected ext4 or xfs`, wanted)
}

// The playbook put three noughts behind the number before it gave it to mkfs.
function inodesOf(parts: Settings, { scope, wanted }: Part): Taken | undefined {
  const taken = takeText(parts.get('inodes'), scope, { ...wanted, format: 'integer' })
  if (!taken || Number(taken.value) === 0) return undefined
  return { value: `${Number(taken.value)}000`, from: `${taken.from}, ${taken.value} thousand` }
}

function reportMissing(
  found: Readonly<Record<string, Taken | undefined>>,
  { parts, written, wanted }: { parts: Settings; written: Placed; wanted: (key: string) => Wanted },
): void {
  for (const [key, value] of Object.entries(found)) {
    if (!value && !parts.has(key)) leave(written.place, 'is missing', wanted(key))
  }
}

const usualOptions = ['_netdev', 'noauto', 'defaults', 'nofail', 'rw']

function reportRest(parts: Settings, wanted: (key: string) => Wanted): void {
  for (const [key, { place, content }] of parts) {
    if (!keys.includes(key))
      leave(place, 'is nothing that the old playbook looks at', { ...wanted(key), hint: 'remove it' })
    if (key !== 'options') continue
    const further = String(content)
      .split(',')
      .filter((option) => !usualOptions.includes(option.trim()))
    if (further.length === 0) continue
    const hint = 'the volume is mounted with the usual options'
    leave(place, `has ${further.join(', ')}, which cluster.yaml has no field for`, { ...wanted(key), hint })
  }
}
