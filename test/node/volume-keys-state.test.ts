import { describe, expect, test } from 'vitest'
import {
  freeSlot,
  isUnderWay,
  type KeyFacts,
  nextStep,
  type RotationFacts,
  removalRefusal,
  rotationRefusal,
  slotsToDrop,
} from '../../tasks/lib/node/volume-keys/rotation-state.ts'

const key = (sha256: string, ...opens: number[]): KeyFacts => ({ sha256, bytes: 64, opens })
const old = key('old', 0)

describe('where a rotation stands is told from the header and the stored keys', () => {
  test.each<[string, Omit<RotationFacts, 'slots'>, string]>([
    ['no rotation is under way', { current: old }, 'store'],
    ['a new key was made', { current: old, next: key('new') }, 'add'],
    ['the new key has a keyslot', { current: old, next: key('new', 1) }, 'activate'],
    ['the old key has its second name', { current: old, next: key('new', 1), previous: old }, 'activate'],
    ['the new key took its place', { current: key('new', 1), previous: old }, 'drop'],
    ['the old keyslot is gone', { current: key('new', 1), previous: key('old') }, 'erase'],
    ['the old key is erased', { current: key('new', 1) }, 'store'],
    ['a second name was left without a new key', { current: old, previous: old }, 'store'],
    ['half erased', { current: key('new', 1), previous: key('noise') }, 'erase'],
    ['a further new key waits', { current: key('new', 1), previous: old, next: key('newer') }, 'drop'],
  ])('%s', (_, facts, wanted) => {
    expect(nextStep({ slots: [0, 1], ...facts })).toBe(wanted)
    expect(isUnderWay({ slots: [0, 1], ...facts })).toBe(wanted !== 'store')
  })
})

test.each<[string, Omit<RotationFacts, 'slots'>, string]>([
  ['no key', {}, 'there is no key at keys:/m/keys/kube1/data'],
  ['a key that opens nothing', { current: key('old') }, 'opens no keyslot'],
  ['an empty key', { current: { ...old, bytes: 0 } }, 'has 0 bytes, expected at least 32'],
  ['a short new key', { current: old, next: { ...key('new'), bytes: 31 } }, 'data.new has 31 bytes'],
  ['the same key twice', { current: old, next: old }, 'are the same key'],
])('nothing is done with %s', (_, facts, message) => {
  const refusal = rotationRefusal({ slots: [0], ...facts }, 'keys:/m/keys/kube1/data')
  expect(refusal?.message).toContain(message)
})

test('B09 the last keyslot is never removed, whatever the key', () => {
  expect(removalRefusal([0], [0])?.message).toContain('the last one')
  expect(removalRefusal([0, 1], [0, 1])?.message).toContain('the last one')
  expect(removalRefusal([0, 1], [3])?.message).toBe('keyslot 3 is not in use')
  expect(removalRefusal([0, 1], [0])).toBeUndefined()
})

test('the old key is the one whose place was taken, never the one in use', () => {
  expect(slotsToDrop({ slots: [0, 1], current: key('new', 1), previous: key('old', 0) })).toEqual([0])
  expect(slotsToDrop({ slots: [0], current: key('old', 0), previous: key('old', 0) })).toEqual([0])
  expect(slotsToDrop({ slots: [1], current: key('new', 1), previous: key('old') })).toEqual([])
})

test('a new key gets the lowest free keyslot, and never that of recovery', () => {
  expect(freeSlot([0, 1, 3])).toBe(2)
  expect(freeSlot([0, 1, 2, 3, 4, 5, 6])).toBe(8)
  expect(freeSlot(Array.from({ length: 32 }, (_, slot) => slot))).toBe(-1)
})
