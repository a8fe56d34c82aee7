import { type Finding, placeText } from '../../cli/errors.ts'
import { formatNamed } from '../variables/formats.ts'
import { quantityValue } from '../variables/quantity.ts'
import type { HostScope } from './ansible/host-scope.ts'
import type { Placed, Settings } from './ansible/placed.ts'
import { quantityOfLvmSize } from './lvm-size.ts'
import type { OldVolume } from './old-cluster.ts'
import { leave, type Taken, takeSettings, takeText, type Wanted } from './reading.ts'

/** An entry of the old files that stands for an encrypted volume. */
export interface FoundVolume {
  name: string
  /** "luks_volumes.volkube": said in findings. */
  title: string
  written: Placed
  /** Of the volume group, where it is not a value of its own. */
  vg?: Taken
}

const keys = ['size', 'path', 'vg', 'type', 'inodes', 'options']

/** The volume of one entry; what cannot be understood is said, and undefined stands for a volume that lacks it. */
export function readLuksVolume(
  { name, title, written, vg: usualVg }: FoundVolume,
  at: { scope: HostScope; findings: Finding[] },
): OldVolume | undefined {
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
