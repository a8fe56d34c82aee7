import { expect, test } from 'vitest'
import { combineShares, splitSecret } from '../../../tasks/lib/secrets/keys/shamir.ts'
import fc from '../../support/fast-check.ts'

test('any shares that reach the threshold give the secret, in any order', () => {
  const secret = Uint8Array.from({ length: 32 }, (_, index) => index * 8)
  const shares = splitSecret(secret, { parts: 5, threshold: 3 })
  for (const [a, b, c] of [
    [0, 1, 2],
    [4, 2, 0],
    [3, 4, 1],
  ]) {
    expect(combineShares([shares[a!]!, shares[b!]!, shares[c!]!])).toEqual(secret)
  }
  expect(combineShares(shares)).toEqual(secret)
})

test('a share is one byte longer than the secret and ends in its number, from 1 on', () => {
  const shares = splitSecret(new Uint8Array(32), { parts: 3, threshold: 2 })
  expect(shares.map((share) => [share.length, share.at(-1)])).toEqual([
    [33, 1],
    [33, 2],
    [33, 3],
  ])
})

test('fewer shares than the threshold do not give the secret', () => {
  const secret = Uint8Array.from({ length: 32 }, (_, index) => index)
  const shares = splitSecret(secret, { parts: 4, threshold: 3 })
  expect(combineShares(shares.slice(0, 2))).not.toEqual(secret)
})

test('every secret comes back from every choice of shares', () => {
  const cases = fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 2, max: 8 }))
    .chain(([secret, parts]) =>
      fc.record({
        secret: fc.constant(secret),
        parts: fc.constant(parts),
        threshold: fc.integer({ min: 2, max: parts }),
        order: fc.shuffledSubarray(
          Array.from({ length: parts }, (_, index) => index),
          { minLength: parts, maxLength: parts },
        ),
      }),
    )
  fc.assert(
    fc.property(cases, ({ secret, parts, threshold, order }) => {
      const shares = splitSecret(secret, { parts, threshold })
      const chosen = order.slice(0, threshold).map((index) => shares[index]!)
      expect(combineShares(chosen)).toEqual(secret)
    }),
  )
})

test('255 shares, all of which are needed, are possible', () => {
  const shares = splitSecret(Uint8Array.of(7, 0, 255), { parts: 255, threshold: 255 })
  expect(combineShares(shares)).toEqual(Uint8Array.of(7, 0, 255))
})

// The secret 0x53 on the line y = 0x53 + 0xca·x: a known product of AES, 0xca · 2 = 0x8f.
test('the field is that of AES', () => {
  const shares = [Uint8Array.of(0x53 ^ 0xca, 1), Uint8Array.of(0x53 ^ 0x8f, 2)]
  expect(combineShares(shares)).toEqual(Uint8Array.of(0x53))
})

test.each([[{ parts: 1, threshold: 2 }], [{ parts: 3, threshold: 1 }], [{ parts: 256, threshold: 2 }]])(
  '%j is refused',
  (options) => {
    expect(() => splitSecret(new Uint8Array(32), options)).toThrow('is not possible')
  },
)

test('shares that do not belong together are refused with what is wrong', () => {
  const [a, b] = splitSecret(new Uint8Array(32), { parts: 2, threshold: 2 })
  expect(() => combineShares([a!])).toThrow('at least 2 shares are needed, not 1')
  expect(() => combineShares([a!, a!])).toThrow('share 1 is there twice')
  expect(() => combineShares([a!, b!.subarray(1)])).toThrow('differ in length: 33, 32 bytes')
  expect(() => combineShares([Uint8Array.of(1), Uint8Array.of(2)])).toThrow('at least 2 bytes')
  expect(() => combineShares([a!, Uint8Array.from({ length: 33 }, () => 0)])).toThrow('the number 0')
})
