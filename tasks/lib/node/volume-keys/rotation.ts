import { createHash } from 'node:crypto'

import { TaskError } from '../../cli/errors.ts'
import type { Machine } from '../machine.ts'
import type { Volume } from '../volumes/volume.ts'
import type { KeyStore, StoredKeys } from './key-store.ts'
import type { LuksHeader } from './luks-header.ts'
import { headerProbe, readHeader } from './luks2-header.ts'
import { testKeysScript } from './rotation-commands.ts'
import { isUnderWay, type KeyFacts, type RotationFacts, rotationRefusal } from './rotation-state.ts'

/** A volume whose key is to be replaced. */
export interface RotatedVolume {
  volume: Pick<Volume, 'name' | 'node' | 'device'>
  machine: Machine
  store: KeyStore
}

/** All that is known of a rotation, read just now from the header and the store. */
export interface Rotation {
  header: LuksHeader
  facts: RotationFacts
  keys: StoredKeys
}

/** Reads where a rotation stands; changes nothing. Throws a TaskError where it cannot be told, or nothing may be done. */
export async function readRotation(rotated: RotatedVolume): Promise<Rotation> {
  const { volume, machine, store } = rotated
  const [header, keys] = await Promise.all([intactHeader(volume.device, machine), store.read()])
  const slots = header.keyslots.map(({ slot }) => slot)
  const opens = await openedSlots(keys, { ...rotated, slots })
  const facts: RotationFacts = { slots }
  for (const kind of ['current', 'next', 'previous'] as const) {
    const key = keys[kind]
    if (key) facts[kind] = factsOf(key, opens.get(kind) ?? [])
  }
  const refusal = rotationRefusal(facts, store.shown)
  if (refusal) throw new TaskError(`${nameOf(rotated)}: ${refusal.message}`, { hint: refusal.hint })
  return { header, facts, keys }
}

/** "kube1/data" */
export function nameOf({ volume }: Pick<RotatedVolume, 'volume'>): string {
  return `${volume.node}/${volume.name}`
}

/** The header of a device whose two copies are whole: cryptsetup would write to it otherwise. */
async function intactHeader(device: string, machine: Machine): Promise<LuksHeader> {
  const { stdout } = await machine.run(headerProbe(device), { title: `read the LUKS header of ${device}` })
  const header = readHeader(stdout)
  const at = `${machine.label}: ${device}`
  if (!header) throw new TaskError(`${at} has no LUKS header that can be read`, { hint: restoreHint })
  if (header.version === 1)
    throw new TaskError(`${at} is LUKS1`, {
      hint: `closed, it becomes LUKS2: cryptsetup convert --type luks2 ${device}`,
    })
  if (header.intact.includes(false))
    throw new TaskError(`${at}: one of the two copies of its LUKS header is damaged, or older`, {
      hint: `the other one mends it, once you have looked at both: cryptsetup luksDump ${device}`,
    })
  if (header.isChanging)
    throw new TaskError(`${at} is being encrypted anew`, { hint: 'wait until that is done' })
  return header
}

const restoreHint =
  'look at it with cryptsetup luksDump; a backup of it: tasks volumes:header-backup --restore'

function factsOf(key: Buffer, opens: number[]): KeyFacts {
  return { sha256: createHash('sha256').update(key).digest('hex'), bytes: key.length, opens }
}

async function openedSlots(
  keys: StoredKeys,
  { volume, machine, slots }: RotatedVolume & { slots: number[] },
): Promise<Map<string, number[]>> {
  const given = Object.entries(keys).filter(([, key]) => key.length > 0)
  const input = given.map(([kind, key]) => `${kind} ${key.toString('base64')}\n`).join('')
  const title = `try the stored keys on ${volume.device}`
  const { stdout } = await machine.run(testKeysScript(volume.device, slots), { input, title })
  const lines = stdout.trimEnd().split('\n')
  if (lines.pop() !== 'end' || lines.length !== given.length * slots.length)
    throw new TaskError(`${machine.label}: it could not be told which keys open ${volume.device}`)
  const opens = new Map<string, number[]>()
  for (const line of lines) {
    const [kind, slot, code] = line.split(' ') as [string, string, string]
    if (code === '0') opens.set(kind, [...(opens.get(kind) ?? []), Number(slot)])
    else if (code !== '2')
      throw new TaskError(
        `${machine.label}: cryptsetup ended with ${code} for keyslot ${slot} of ${volume.device}`,
      )
  }
  return opens
}

/** Waits for nothing: a rotation is at its end, or it is not. */
export async function verifyRotated(rotated: RotatedVolume, before: string | undefined): Promise<void> {
  const { facts } = await readRotation(rotated)
  if (!isUnderWay(facts) && facts.current!.sha256 !== before) return
  throw new TaskError(`the key of ${nameOf(rotated)} has not been replaced to the end`, {
    hint: `tasks volumes:rotate-key ${rotated.volume.name}: it goes on where it was`,
  })
}
