import { expect, test } from 'vitest'
import { createAgeKeys } from '../../../tasks/lib/secrets/keys/age/age.ts'
import { combineShares, splitSecret } from '../../../tasks/lib/secrets/keys/shamir.ts'
import { openedBySops, openedWith, sealedBySops } from '../../support/sealed-json.ts'
import { freshAgeKey, sops, sops312 } from '../../support/sops.ts'

test.each([
  ['3.13.3', sops],
  ['3.12.2', sops312],
])('two of three key groups open what sops %s has sealed, and it opens what we split', async (_, program) => {
  const people = [freshAgeKey(), freshAgeKey(), freshAgeKey()]
  const all = people.map(({ identity }) => identity).join(' ')
  const keys = createAgeKeys({ environment: { SOPS_AGE_KEY: all }, publicKeys: [] })
  const sealed = await sealedBySops(
    people.map(({ recipient }) => [recipient]),
    { program },
  )
  const wrapped = sealed.sops.key_groups!.map(({ age }) => age[0]!)
  const shares = await Promise.all(wrapped.map((key) => keys.unwrap({ type: 'age', ...key })))
  expect(shares.map((share) => [share.length, share.at(-1)])).toEqual([
    [33, 1],
    [33, 2],
    [33, 3],
  ])
  for (const [a, b] of pairs)
    expect(openedWith(sealed, combineShares([shares[a]!, shares[b]!]))).toBe('clear')

  const ours = splitSecret(combineShares(shares), { parts: 3, threshold: 2 })
  await Promise.all(
    wrapped.map(async (key, index) => {
      key.enc = await keys.wrap({ type: 'age', recipient: key.recipient }, ours[index]!)
    }),
  )
  for (const [a, b] of pairs) {
    const SOPS_AGE_KEY = `${people[a]!.identity}\n${people[b]!.identity}`
    expect(await openedBySops(sealed, { env: { SOPS_AGE_KEY }, program })).toEqual({ a: 'clear' })
  }
})

const pairs = [
  [0, 1],
  [0, 2],
  [1, 2],
] as const
