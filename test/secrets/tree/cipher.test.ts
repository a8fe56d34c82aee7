import { expect, test } from 'vitest'
import { decryptValue, encryptValue, isEncrypted } from '../../../tasks/lib/secrets/tree/cipher.ts'
import { comment, type Scalar, Timestamp } from '../../../tasks/lib/secrets/tree/tree.ts'

// A vector of sops itself.
const key = Buffer.alloc(32, 'f')
const authenticated = 'bar:'
const sealed =
  'ENC[AES256_GCM,data:oYyi,iv:MyIDYbT718JRr11QtBkcj3Dwm4k1aCGZBVeZf0EyV8o=,tag:t5z2Z023Up0kxwCgw1gNxg==,type:str]'

test("a value of sops' own is opened", () => {
  expect(decryptValue(sealed, { key, authenticated })).toBe('foo')
})

test.each<[string, Exclude<Scalar, null>]>([
  ['text', 'ü \n"quoted" 🎉'],
  ['bytes that are no text', Buffer.from([0xff, 0x00, 0xfe])],
  ['a byte order mark', '\uFEFFtext'],
  ['a whole number', 9223372036854775807n],
  ['a negative number', -42n],
  ['a fraction', 1e-7],
  ['infinity', -Infinity],
  ['true', true],
  ['false', false],
  ['a time', new Timestamp('2024-01-02T00:00:00Z')],
])('%s comes back as it was, under another IV each time', (_, value) => {
  const text = encryptValue(value, { key, authenticated })
  expect(decryptValue(text, { key, authenticated })).toEqual(value)
  expect(encryptValue(value, { key, authenticated })).not.toBe(text)
})

test('a comment comes back as a comment', () => {
  const text = encryptValue(comment(' first'), { key, authenticated })
  expect(text).toContain('type:comment]')
  expect(decryptValue(text, { key, authenticated })).toEqual(comment(' first'))
})

test('empty text stays empty', () => {
  expect(encryptValue('', { key, authenticated })).toBe('')
  expect(decryptValue('', { key, authenticated })).toBe('')
})

const changed = 'the value was changed after it was encrypted'
test.each([
  ['changed data', sealed.replace('oYyi', 'oYyj'), changed],
  ['another IV', sealed.replace('MyID', 'MyIE'), changed],
  ['another tag', sealed.replace('t5z2', 't5z3'), changed],
  ['a cut tag', sealed.replace('t5z2Z023Up0kxwCgw1gNxg==', 't5z2Z023'), changed],
  ['a type that does not fit', sealed.replace('type:str', 'type:int'), 'the value is not a whole number'],
  ['an unknown type', sealed.replace('type:str', 'type:set'), 'the value has the unknown type set'],
  ['letters that are not base64', sealed.replace('oYyi', 'o*yi'), 'the data of the value is not base64'],
  ['base64 without its padding', sealed.replace('Nxg==', 'Nxg'), 'the tag of the value is not base64'],
  ['clear text', 'hunter2', 'the value is not encrypted'],
  ['a cut text', sealed.slice(0, -1), 'the value is not encrypted'],
])('%s is refused', (_, text, reason) => {
  expect(() => decryptValue(text, { key, authenticated })).toThrow(reason)
})

test('a value under another key is refused', () => {
  expect(() => decryptValue(sealed, { key, authenticated: 'baz:' })).toThrow(changed)
})

test('what sops lets pass is let pass: slack bits, text behind the bracket, a byte moved from tag to data', () => {
  for (const text of [sealed.replace('wCgw1gNxg==', 'wCgw1gNxh=='), `${sealed} `]) {
    expect(decryptValue(text, { key, authenticated })).toBe('foo')
  }
  const moved = sealed.replace('oYyi', 'oYyityyc').replace(/tag:[^,]+/, () => {
    const tag = Buffer.from('t5z2Z023Up0kxwCgw1gNxg==', 'base64')
    return `tag:${tag.subarray(3).toString('base64')}`
  })
  const bytes = Buffer.from('t5z2', 'base64')
  const data = Buffer.concat([Buffer.from('oYyi', 'base64'), bytes]).toString('base64')
  expect(decryptValue(moved.replace('oYyityyc', data), { key, authenticated })).toBe('foo')
})

test('only the form of sops counts as encrypted', () => {
  expect([sealed, 'ENC[]', 'ENC[AES256_GCM,data:,iv:a,tag:b,type:str]'].map(isEncrypted)).toEqual([
    true,
    false,
    false,
  ])
})
