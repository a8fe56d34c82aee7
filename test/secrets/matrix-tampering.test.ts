import { beforeAll, describe, expect, test } from 'vitest'
import { clearText, openDocument, parseSealed } from '../../tasks/lib/secrets/engine.ts'
import { type Holder, holderOf } from '../support/key-kinds.ts'
import { freshAgeKey, runSops, sopsOutput } from '../support/sops.ts'

interface Sealed {
  data: Record<string, string>
  more: Record<string, string>
  note_unencrypted: string
  sops: { mac: string; lastmodified: string; age: { enc: string }[]; [field: string]: unknown }
}

const types = ['--input-type', 'json', '--output-type', 'json']
const clear = JSON.stringify({
  data: { a: 'first value', b: 'second', c: 3 },
  more: { a: 'third' },
  note_unencrypted: 'clear',
})

let holder: Holder
let text: string
let other: Sealed
beforeAll(async () => {
  const { recipient, identity } = freshAgeKey()
  holder = holderOf([[{ type: 'age', recipient }]], { env: { SOPS_AGE_KEY: identity } })
  const encrypt = () =>
    sopsOutput(['encrypt', '--age', recipient, ...types, '--filename-override', 'a'], { input: clear })
  text = (await encrypt()).toString()
  other = JSON.parse((await encrypt()).toString())
})

/** The exit code and the text of both engines for a file that somebody changed. */
async function bothEngines(change: (sealed: Sealed) => unknown) {
  const sealed = JSON.parse(text) as Sealed
  const input = JSON.stringify(change(sealed) ?? sealed)
  expect(input).not.toBe(JSON.stringify(JSON.parse(text)))
  const { exitCode, stdout } = await runSops(['decrypt', ...types], { input, env: holder.env })
  return { ours: await open(input), theirs: { exitCode, text: stdout } }
}

async function open(input: string) {
  try {
    const document = await parseSealed(Buffer.from(input), { file: 'a', type: 'json' })
    const opened = await openDocument(document, { file: 'a', keyring: holder.keyring })
    return { exitCode: 0, text: Buffer.from(await clearText(opened)).toString() }
  } catch (error) {
    expect((error as Error).message).not.toMatch(/first value|second|third|clear text of/)
    return { exitCode: (error as { sopsCode?: number }).sopsCode, text: '' }
  }
}

const part = (name: string, edit: (digits: string) => string) => (sealed: Sealed) => {
  sealed.data.a = sealed.data.a!.replace(
    new RegExp(`(${name}:)([^,]+)`),
    (_, key, digits) => key + edit(digits),
  )
  return sealed
}
const flipFirst = (digits: string) => (digits.startsWith('A') ? 'B' : 'A') + digits.slice(1)

const refused: [string, (sealed: Sealed) => unknown][] = [
  ['a digit of the data', part('data', flipFirst)],
  ['a digit of the IV', part('iv', flipFirst)],
  ['a digit of the tag', part('tag', flipFirst)],
  [
    'the length of the tag',
    part('tag', (digits) => Buffer.from(digits, 'base64').subarray(0, 12).toString('base64')),
  ],
  ['the length of the data', part('data', (digits) => digits.slice(0, -4))],
  [
    'the type str to int',
    (s) => {
      s.data.a = s.data.a!.replace('type:str', 'type:int')
    },
  ],
  [
    'the type to an unknown one',
    (s) => {
      s.data.a = s.data.a!.replace('type:str', 'type:text')
    },
  ],
  [
    'two values, which changed places',
    (s) => {
      ;[s.data.a, s.data.b] = [s.data.b!, s.data.a!]
    },
  ],
  [
    'a value, which came from the same key elsewhere',
    (s) => {
      s.data.a = s.more.a!
    },
  ],
  [
    'a value, which came from another file',
    (s) => {
      s.data.a = other.data.a!
    },
  ],
  [
    'a value to clear text',
    (s) => {
      s.data.a = 'mine'
    },
  ],
  ['the name of a key', ({ data: { a, ...rest }, ...s }) => ({ ...s, data: { z: a!, ...rest } })],
  ['the order of keys', ({ data: { a, ...rest }, ...s }) => ({ ...s, data: { ...rest, a: a! } })],
  ['a value, which is gone', ({ data: { a: _, ...rest }, ...s }) => ({ ...s, data: rest })],
  [
    'a clear value',
    (s) => {
      s.note_unencrypted = 'other'
    },
  ],
  ['a clear value, which was added', (s) => ({ ...s, x_unencrypted: '1' }) as Sealed],
  [
    'an encrypted value, which was added again',
    (s) => {
      s.more = { a: s.more.a!, ...s.more, b: s.data.b! }
    },
  ],
  ['a number in clear, which was added', (s) => ({ ...s, x: 1 }) as unknown as Sealed],
  [
    'the MAC to one of another file',
    (s) => {
      s.sops.mac = other.sops.mac
    },
  ],
  [
    'the MAC to nothing',
    (s) => {
      s.sops.mac = ''
    },
  ],
  [
    'the MAC to a value',
    (s) => {
      s.sops.mac = s.data.a!
    },
  ],
  [
    'the time',
    (s) => {
      s.sops.lastmodified = '2020-01-02T03:04:05Z'
    },
  ],
  [
    'the selector',
    ({ sops: { unencrypted_suffix: _, ...sops }, ...s }) =>
      ({ ...s, sops: { ...sops, unencrypted_suffix: '_x' } }) as Sealed,
  ],
  [
    'to a MAC of encrypted values only',
    (s) => {
      s.sops.mac_only_encrypted = true
    },
  ],
  [
    'the wrapped key to that of another file',
    (s) => {
      s.sops.age = other.sops.age
    },
  ],
  [
    'the wrapped key',
    (s) => {
      s.sops.age[0]!.enc = s.sops.age[0]!.enc.replace(/.{8}\n-----END/, 'AAAAAAAA\n-----END')
    },
  ],
  [
    'the recipients to none',
    (s) => {
      s.sops.age = []
    },
  ],
]

describe('both engines refuse a file of which somebody changed', () => {
  test.each(refused)('%s', async (_, change) => {
    const { ours, theirs } = await bothEngines(change)
    expect(theirs.exitCode).not.toBe(0)
    expect(ours).toEqual({ exitCode: theirs.exitCode, text: '' })
  })
})

// A MAC that leaves it out would not tell everything that it stood for: no value may become a comment.
test('both engines refuse a value whose type was made that of a comment', async () => {
  const { ours, theirs } = await bothEngines((s) => {
    s.data.a = s.data.a!.replace('type:str', 'type:comment')
  })
  expect([theirs.exitCode, ours.exitCode]).toEqual([51, 25])
})

// The last digit before "=" has bits that stand for nothing.
const slackBits = (digits: string) => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  const at = digits.search(/=*$/) - 1
  return digits.slice(0, at) + alphabet[alphabet.indexOf(digits[at]!) ^ 1] + digits.slice(at + 1)
}

const passed: [string, (sealed: Sealed) => unknown][] = [
  ['the slack bits of the IV', part('iv', slackBits)],
  ['the slack bits of the tag', part('tag', slackBits)],
  [
    'what follows the value',
    (s) => {
      s.data.a += ' '
    },
  ],
  [
    'the name of a clear key',
    ({ note_unencrypted: note, sops, ...s }) => ({ ...s, x_unencrypted: note, sops }) as unknown as Sealed,
  ],
  ['an empty map, which was added', (s) => ({ x: {}, ...s }) as Sealed],
  ['a null, which was added', (s) => ({ ...s, x: null }) as unknown as Sealed],
  [
    'the version',
    (s) => {
      s.sops.version = '3.9.0'
    },
  ],
]

describe('both engines pass a file of which somebody changed', () => {
  test.each(passed)('%s', async (_, change) => {
    const { ours, theirs } = await bothEngines(change)
    expect(theirs.exitCode).toBe(0)
    expect(ours).toEqual(theirs)
  })
})
