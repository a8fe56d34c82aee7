import { expect, test } from 'vitest'
import { newPassphrase, readPassphrase } from '../../tasks/lib/node/volume-keys/passphrase.ts'

const made = newPassphrase((max) => (max * 7) % 11)

test('a recovery passphrase has seven groups of five letters and digits, 140 random bits', () => {
  const all = new Set(Array.from({ length: 200 }, () => newPassphrase()))
  expect(all.size).toBe(200)
  for (const one of all)
    expect(one).toMatch(/^([0-9abcdefghjkmnpqrstvwxyz]{5}-){6}[0-9abcdefghjkmnpqrstvwxyz]{5}$/)
})

test.each([
  ['as it is', (text: string) => text],
  ['in capitals', (text: string) => text.toUpperCase()],
  ['with blanks', (text: string) => text.replaceAll('-', ' ')],
  ['in one go', (text: string) => text.replaceAll('-', '')],
  [
    'with the letters that look like digits',
    (text: string) => text.replaceAll('0', 'O').replaceAll('1', 'l'),
  ],
])('is read back when it is typed %s', (_, typed) => {
  for (const one of [made, newPassphrase(), newPassphrase()]) expect(readPassphrase(typed(one))).toBe(one)
})

test('a typing error is told with its group, nearly always', () => {
  let told = 0
  for (let round = 0; round < 200; round++) {
    const one = newPassphrase()
    const wrong = one[12] === 'a' ? 'b' : 'a'
    try {
      readPassphrase(one.slice(0, 12) + wrong + one.slice(13))
    } catch (error) {
      expect((error as Error).message).toBe('group 3 of the recovery passphrase has a typing error')
      told++
    }
  }
  expect(told).toBeGreaterThan(150)
})

test('one that was cut off is told by its length', () => {
  expect(() => readPassphrase(made.slice(0, -1))).toThrow('has 35 letters and digits, these are 34')
})
