import type { Finding } from '../../cli/errors.ts'

/** The steps of a rotation, in their order. After each of them the key that the store gives opens the volume. */
export const rotationSteps = ['store', 'add', 'activate', 'drop', 'erase'] as const
export type RotationStep = (typeof rotationSteps)[number]

/** A stored key, and the keyslots that it opens. */
export interface KeyFacts {
  sha256: string
  bytes: number
  opens: number[]
}

/** What the header and the store say: all that a rotation ever goes by. */
export interface RotationFacts {
  /** Keyslots in use. */
  slots: number[]
  /** The key that unlocks the volume at boot. */
  current?: KeyFacts
  /** The one that is to take its place. */
  next?: KeyFacts
  /** The one whose place was taken. */
  previous?: KeyFacts
}

/** What has to be done first; 'store' where no rotation is under way. */
export function nextStep({ current, next, previous }: RotationFacts): RotationStep {
  if (previous && previous.sha256 !== current?.sha256) return previous.opens.length > 0 ? 'drop' : 'erase'
  if (!next) return 'store'
  return next.opens.length > 0 ? 'activate' : 'add'
}

/** Whether a rotation was begun and has not come to its end. */
export function isUnderWay(facts: RotationFacts): boolean {
  return nextStep(facts) !== 'store'
}

const shortestKey = 32
const longestKey = 8 * 1024 * 1024

/** Why nothing may be done; undefined where all is well. `shown` is where the key is stored. */
export function rotationRefusal(facts: RotationFacts, shown: string): Finding | undefined {
  const { current, next, previous } = facts
  const no = (message: string, hint: string): Finding => ({ severity: 'error', message, hint })
  const recover =
    'look who changed it; the recovery passphrase opens the volume: tasks volumes:unlock --recovery'
  if (!current) return no(`there is no key at ${shown}`, recover)
  for (const [name, key] of Object.entries({ '': current, '.new': next, '.old': previous })) {
    if (key && (key.bytes < shortestKey || key.bytes > longestKey))
      return no(
        `the key at ${shown}${name} has ${key.bytes} bytes, expected at least ${shortestKey}`,
        recover,
      )
  }
  if (current.opens.length === 0) return no(`the key at ${shown} opens no keyslot of the volume`, recover)
  if (next && next.sha256 === current.sha256)
    return no(
      `${shown}.new and ${shown} are the same key`,
      `on the key server: rm ${shown.replace(/^[^/]*/, '')}.new`,
    )
  return undefined
}

/** The keyslots of the key that goes. */
export function slotsToDrop(facts: RotationFacts): number[] {
  const { current, previous } = facts
  const isActive = previous && previous.sha256 !== current?.sha256
  return (isActive ? previous : current)?.opens ?? []
}

/** Why keyslots may not be removed: something that opens the volume has to be left, whatever key is given. */
export function removalRefusal(slots: number[], removed: number[]): Finding | undefined {
  const left = slots.filter((slot) => !removed.includes(slot))
  if (left.length > 0 && removed.every((slot) => slots.includes(slot))) return undefined
  const message =
    left.length === 0
      ? `keyslot ${removed.join(', ')} is the last one: nothing would open the volume any more`
      : `keyslot ${removed.find((slot) => !slots.includes(slot))} is not in use`
  return {
    severity: 'error',
    message,
    hint: 'nothing was removed: tasks volumes:rotate-key gives it a new key first',
  }
}

/** The keyslot that recovery passphrases get. */
export const recoverySlot = 7

/** The lowest keyslot that is free, and not kept for a recovery passphrase. */
export function freeSlot(slots: number[]): number {
  const all = Array.from({ length: 32 }, (_, slot) => slot)
  return all.find((slot) => slot !== recoverySlot && !slots.includes(slot)) ?? -1
}
