import type { Change } from '../../cli/change.ts'
import { TaskError } from '../../cli/errors.ts'
import type { Machine } from '../machine.ts'
import { runAction } from '../plan/run-action.ts'
import type { StoredKeys } from './key-store.ts'
import { nameOf, type RotatedVolume, type Rotation, readRotation, verifyRotated } from './rotation.ts'
import { addKeyCommands, dropKeyCommands } from './rotation-commands.ts'
import {
  freeSlot,
  nextStep,
  type RotationStep,
  removalRefusal,
  rotationSteps,
  slotsToDrop,
} from './rotation-state.ts'

/**
 * The changes that give a volume a new key: from where a rotation that was ended before had come to, or all five. Each
 * reads the header and the keys back from their store before it does anything, and so proves what the one before it
 * did; killed anywhere, the next run goes on from there.
 */
export function rotationChanges(rotated: RotatedVolume, rotation: Rotation): Change[] {
  const first = nextStep(rotation.facts)
  const steps = rotationSteps.slice(rotationSteps.indexOf(first))
  const isActive = first === 'drop' || first === 'erase'
  const before = isActive ? undefined : rotation.facts.current!.sha256
  let verified: Promise<void> | undefined
  return steps.map((step) => {
    const { title, machine, commands } = partOf(step, { rotated, rotation })
    return {
      action: step === 'store' || step === 'add' ? 'create' : step === 'activate' ? 'replace' : 'delete',
      target: `${machine.label}: key of ${nameOf(rotated)}, ${step}`,
      title: `${machine.label}: ${title}`,
      before: [],
      after: [],
      commands,
      lane: nameOf(rotated),
      basis: `${rotation.header.fingerprint} ${first}`,
      ...blockedBy(step, rotation),
      run: () => takeStep(step, { rotated, commands, machine, title, dropped: slotsToDrop(rotation.facts) }),
      verify() {
        verified ??= verifyRotated(rotated, before)
        return verified
      },
    } satisfies Change
  })
}

interface Part {
  title: string
  machine: Machine
  commands: string[]
}

interface Planned {
  rotated: RotatedVolume
  rotation: Rotation
}

function partOf(step: RotationStep, { rotated, rotation: { header, facts } }: Planned): Part {
  const { volume, machine, store } = rotated
  const { device } = volume
  const slot = facts.next?.opens[0] ?? freeSlot(facts.slots)
  const stays = nextStep(facts) === 'drop' ? facts.current!.opens[0]! : slot
  const dropped = slotsToDrop(facts)
  if (step === 'add') {
    const commands = addKeyCommands({ device, uuid: header.uuid, slot, authBytes: facts.current!.bytes })
    return { title: `add the new key to keyslot ${slot} of ${device}, and try it`, machine, commands }
  }
  if (step === 'drop') {
    const commands = dropKeyCommands({ device, uuid: header.uuid, slots: dropped, stays })
    return { title: `remove the old key, keyslot ${dropped.join(', ')} of ${device}`, machine, commands }
  }
  return { title: storeTitles[step](volume.name), machine: store.machine, commands: store.commands(step) }
}

const storeTitles = {
  store: (name: string) => `make a new key beside that of ${name}`,
  activate: (name: string) => `let the new key of ${name} take the place of the old one`,
  erase: (name: string) => `erase the old key of ${name}`,
}

// Told in the plan, before anything is changed.
function blockedBy(step: RotationStep, { facts }: Rotation): Pick<Change, 'blocked'> {
  if (step === 'add' && freeSlot(facts.slots) < 0)
    return {
      blocked: { severity: 'error', message: 'all 32 keyslots are in use', hint: 'cryptsetup luksKillSlot' },
    }
  if (step !== 'drop') return {}
  const isAdded = nextStep(facts) === 'drop' || nextStep(facts) === 'activate'
  const slots = isAdded ? facts.slots : [...facts.slots, freeSlot(facts.slots)]
  const blocked = removalRefusal(slots, slotsToDrop(facts))
  return blocked ? { blocked } : {}
}

interface Taken {
  rotated: RotatedVolume
  /** The keyslots that the plan says go. */
  dropped: number[]
  commands: string[]
  machine: Machine
  title: string
}

async function takeStep(
  step: RotationStep,
  { rotated, commands, machine, title, dropped }: Taken,
): Promise<void> {
  const now = await readRotation(rotated)
  const due = nextStep(now.facts)
  if (due !== step) throw movedOn(rotated, step)
  if (step === 'drop') expectRemovable(now, { rotated, dropped })
  await runAction(machine, { action: 'run', title, commands, input: () => inputOf(step, now.keys) })
}

// The plan's numbers were read a while ago.
function expectRemovable(
  { facts }: Rotation,
  { rotated, dropped }: Pick<Taken, 'rotated' | 'dropped'>,
): void {
  const slots = slotsToDrop(facts)
  const refusal = removalRefusal(facts.slots, slots)
  if (refusal) throw new TaskError(`${nameOf(rotated)}: ${refusal.message}`, { hint: refusal.hint })
  if (String(slots) !== String(dropped)) throw movedOn(rotated, `keyslot ${slots.join(', ')}`)
}

function movedOn(rotated: RotatedVolume, what: string): TaskError {
  return new TaskError(
    `the key of ${nameOf(rotated)} is not where the plan saw it: ${what}; nothing was changed`,
    {
      hint: `plan again: tasks volumes:rotate-key ${rotated.volume.name}`,
    },
  )
}

function inputOf(step: RotationStep, { current, next, previous }: StoredKeys): string {
  const lines = { add: [current, next], drop: [current, previous], store: [], activate: [], erase: [] }[step]
  return lines.map((key) => `${key!.toString('base64')}\n`).join('')
}
