import { expect, test } from 'vitest'
import { flatten, unflatten } from '../../../tasks/lib/secrets/metadata/flatten.ts'
import fc from '../../support/fast-check.ts'

test('maps and lists become parts of the key, and empty ones vanish', () => {
  const block = {
    age: [
      { enc: 'a\nb', recipient: 'r' },
      { enc: 'c', recipient: 's' },
    ],
    key_groups: [{ age: [{ enc: 'd' }], hc_vault: [] }],
    mac_only_encrypted: true,
    shamir_threshold: 2,
    version: '',
  }
  expect(flatten(block)).toEqual([
    ['age__list_0__map_enc', 'a\nb'],
    ['age__list_0__map_recipient', 'r'],
    ['age__list_1__map_enc', 'c'],
    ['age__list_1__map_recipient', 's'],
    ['key_groups__list_0__map_age__list_0__map_enc', 'd'],
    ['mac_only_encrypted', 'true'],
    ['shamir_threshold', '2'],
    ['version', ''],
  ])
})

test('the order of the lines does not matter', () => {
  const pairs = [
    ['b__list_1__map_x', '2'],
    ['b__list_0__map_y__map_z', '1'],
    ['a', '3'],
    ['b__list_10', '10'],
  ] as const
  const more = Array.from({ length: 8 }, (_, index) => [`b__list_${index + 2}`, `${index + 2}`] as const)
  expect(unflatten([...pairs, ...more])).toEqual({
    a: '3',
    b: [{ y: { z: '1' } }, { x: '2' }, '2', '3', '4', '5', '6', '7', '8', '9', '10'],
  })
})

test('a name that JavaScript objects have is a key as any other', () => {
  const block = unflatten([
    ['__proto__', 'a'],
    ['constructor__map___proto__', 'b'],
  ])
  expect(Object.entries(block)).toEqual([
    ['__proto__', 'a'],
    ['constructor', expect.anything()],
  ])
  expect(Object.keys(block.constructor!)).toEqual(['__proto__'])
})

test.each([
  [['a__list_1'], 'element of the list is missing'],
  [['a__list_0', 'a__list_999999999'], 'element of the list is missing'],
  [['a', 'a'], 'is there twice'],
  [['a__list_0', 'a__list_00'], 'is there twice'],
  [['a', 'a__map_b'], 'both a value and more'],
  [['a__map_b', 'a'], 'is there twice'],
  [['a__map_b', 'a__list_0'], 'both a list and a map'],
  [[`a${'__list_0'.repeat(100_000)}`], 'nested too deep'],
])('keys that do not fit together are refused: %j', (keys, message) => {
  expect(() => unflatten(keys.map((key) => [key, 'x'] as const))).toThrow(message)
})

test('what was flattened is unflattened to the same', () => {
  const name = fc.stringMatching(/^[a-z]{1,4}(_[a-z]{1,4})?$/)
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.string(),
      tie('map'),
      fc.array(tie('value'), { minLength: 1, maxLength: 3 }),
    ),
    map: fc.dictionary(name, tie('value'), { minKeys: 1, maxKeys: 3, noNullPrototype: true }),
  }))
  fc.assert(
    fc.property(fc.dictionary(name, value, { noNullPrototype: true }), (block) => {
      expect(unflatten(flatten(block as never))).toEqual(block)
    }),
  )
})
