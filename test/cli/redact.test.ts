import { afterEach, describe, expect, it } from 'vitest'
import { forgetSecrets, redact, registerSecret } from '../../tasks/lib/cli/redact.ts'
import { jsonText } from '../../tasks/lib/cli/secrets/json-text.ts'
import fc from '../support/fast-check.ts'

afterEach(forgetSecrets)

const secret = 'p&ss wörd/1'

describe('a registered secret is not printed', () => {
  it.each([
    ['as it is', `login with ${secret} please`, 'login with *** please'],
    ['twice', `${secret}, ${secret}`, '***, ***'],
    ['in base64', `data: ${Buffer.from(secret).toString('base64')}`, 'data: ***'],
    [
      'in base64 with the newline of echo',
      `data: ${Buffer.from(`${secret}\n`).toString('base64')}`,
      'data: ***',
    ],
    ['in base64 without padding', `data: ${Buffer.from(secret).toString('base64url')}.`, 'data: ***.'],
    ['URL-encoded', `https://me:${encodeURIComponent(secret)}@host`, 'https://me:***@host'],
    [
      'URL-encoded as a form',
      `pw=${new URLSearchParams({ '': secret }).toString().slice(1)}&x=1`,
      'pw=***&x=1',
    ],
    ['URL-encoded in lower case', 'p%26ss%20w%c3%b6rd%2f1', '***'],
  ])('%s', (_, text, expected) => {
    registerSecret(secret)
    expect(redact(text)).toBe(expected)
  })

  it('inside a longer base64 text, such as user:password', () => {
    registerSecret('correct horse battery')
    for (const user of ['me', 'you', 'them']) {
      const header = Buffer.from(`${user}:correct horse battery:end`).toString('base64')
      expect(redact(`Basic ${header}`)).toMatch(/^Basic .{0,8}\*\*\*.{0,8}$/)
    }
  })

  it('line by line when it has several, but for the head and foot of a PEM block', () => {
    registerSecret('-----BEGIN KEY-----\nMIIB1234\n  abcd\n-----END KEY-----\n')
    expect(redact('-----BEGIN KEY-----')).toBe('-----BEGIN KEY-----')
    expect(redact('1: MIIB1234 2: abcd 3: abc')).toBe('1: *** 2: *** 3: abc')
  })

  it('in JSON strings, keys and numbers, and the document stays JSON', () => {
    registerSecret('se"cr\\et')
    registerSecret('4711')
    const text = jsonText({
      'se"cr\\et': ['x se"cr\\et'],
      port: 4711,
      large: 9007199254740993n,
      date: new Date(0),
    })
    expect(text).toBe(
      '{"***":["x ***"],"port":"***","large":9007199254740993,"date":"1970-01-01T00:00:00.000Z"}',
    )
  })

  it('when two of them overlap', () => {
    registerSecret('abcdef')
    registerSecret('defghi')
    expect(redact('<abcdefghi>')).toBe('<***>')
  })

  it('when it is also a form of another one', () => {
    registerSecret('abcd')
    registerSecret('YWJjZA==')
    expect(redact(Buffer.from('YWJjZA==').toString('base64'))).toBe('***')
  })

  it('when it is named for one text only', () => {
    expect(redact('token hunter2', ['hunter2'])).toBe('token ***')
    expect(redact('token hunter2')).toBe('token hunter2')
  })
})

it('values below four characters stay readable', () => {
  registerSecret('yes')
  registerSecret('')
  registerSecret(undefined)
  expect(redact('yes, 3 of 3')).toBe('yes, 3 of 3')
})

it('whatever the secrets and the text around them, none of them is left', () => {
  const letters = fc.string({
    unit: fc.constantFrom('a', 'b', '\n', '%', '"', "'", 'é', '😀', '=', ' '),
    minLength: 4,
  })
  fc.assert(
    fc.property(fc.array(letters, { minLength: 1, maxLength: 4 }), fc.array(letters), (secrets, around) => {
      forgetSecrets()
      for (const each of secrets) registerSecret(each)
      const encodings = [
        (text: string) => text,
        (text: string) => Buffer.from(text).toString('base64'),
        (text: string) => encodeURIComponent(Buffer.from(text).toString()),
      ]
      for (const encode of encodings) {
        const shown = redact([...around, ...secrets.map(encode), ...around].join(''))
        for (const each of secrets) expect(shown.includes(encode(each))).toBe(false)
      }
      const document = JSON.parse(jsonText({ around, secrets }))
      for (const each of secrets) expect(document.secrets.join('\0').includes(each)).toBe(false)
    }),
    { numRuns: 300 },
  )
})

it('a text without secrets is left alone', () => {
  registerSecret('zzzz')
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom('a', 'b', '*') }), (text) => redact(text) === text))
})
