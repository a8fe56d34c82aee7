import { describe, expect, test } from 'vitest'
import { SecretError } from '../../../tasks/lib/secrets/errors.ts'
import { isSameState } from '../../../tasks/lib/secrets/stores/differences.ts'
import type { FileType } from '../../../tasks/lib/secrets/stores/store.ts'
import { storeOf } from '../../../tasks/lib/secrets/stores/stores.ts'
import fc from '../../support/fast-check.ts'
import { expectAgreement, marked, metadata, sealedBySops } from './oracle.ts'

const runs = 6

const sign = fc.constantFrom(...'ab1.-_ \t;#"\'`\\=:[]{},&<é🎉\u00a0%$'.split(/(?:)/u))
const word = fc.string({ unit: sign, maxLength: 8 })
const value = fc.oneof(word, fc.string({ unit: 'grapheme', maxLength: 12 }))

const json = fc
  .dictionary(value, fc.jsonValue({ maxDepth: 3, noUnicodeString: false }), { maxKeys: 5 })
  .chain((object) =>
    fc.constantFrom(...[undefined, 0, 1, 2, '\t'].map((indent) => JSON.stringify(object, null, indent))),
  )

const end = fc.constantFrom('\n', '\n', '\n', '\n\n', '\r\n')
const dotenvLine = fc.oneof(
  fc.tuple(word, value).map(([key, text]) => `${key.replace(/[#=]/g, '')}=${text.replaceAll('\n', ' ')}`),
  value.map((text) => `#${text.replaceAll('\n', ' ')}`),
)
const dotenv = fc.array(fc.tuple(dotenvLine, fc.constantFrom('\n', '\n\n')).map((parts) => parts.join('')))

const iniLine = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.tuple(word, fc.constantFrom('=', ' = ', ': '), value).map((parts) => parts.join('')),
  },
  {
    weight: 2,
    // sops 3.13.3 panics when it decrypts comments that say nothing.
    arbitrary: fc
      .tuple(
        fc.constantFrom(';', '#', '; ', ' # '),
        value.filter((text) => text.trim() !== ''),
      )
      .map((parts) => parts.join('')),
  },
  { weight: 2, arbitrary: word.map((name) => `[${name}]`) },
  { weight: 1, arbitrary: fc.tuple(word, value, value).map(([key, a, b]) => `${key}="""${a}\n${b}"""`) },
)
const ini = fc.array(fc.tuple(iniLine, end).map((parts) => parts.join('')))

const texts: [FileType, fc.Arbitrary<string>][] = [
  ['json', json],
  ['dotenv', dotenv.map((lines) => lines.join(''))],
  ['ini', ini.map((lines) => lines.join(''))],
]

describe.concurrent('random texts are encrypted and decrypted as by sops, or refused by both', () => {
  test.each(texts)(
    '%s',
    async (type, text) => {
      await fc.assert(
        fc.asyncProperty(text, async (source) => {
          const refused = await refusal(source, type)
          if (!refused) await expectAgreement(source, type)
          else
            await expect(sealedBySops(source, { type }), refused.message).rejects.toThrow(
              `ended with ${refused.sopsCode}`,
            )
        }),
        { numRuns: runs },
      )
    },
    120_000,
  )
})

test.each(texts)('random %s that is rewritten as encrypted and back has its values', async (type, text) => {
  const store = await storeOf(type)
  fc.assert(
    fc.property(text, (source) => {
      const clear = readOr(() => store.parse(Buffer.from(source), { file: 'x', encrypted: false }))
      if (!clear) return
      const there = store.rewrite(clear, { branches: marked(clear.branches), metadata })
      if (!there) return
      const back = store.rewrite(store.parse(there, { file: 'x', encrypted: true }), {
        branches: clear.branches,
      })
      if (back)
        expect(
          isSameState(store.parse(back, { file: 'x', encrypted: false }), { branches: clear.branches }),
        ).toBe(true)
      else expect(type).toBe('ini')
    }),
    { numRuns: 300 },
  )
})

test.each(['json', 'dotenv', 'ini', 'binary'] as const)(
  'no bytes make the reader of %s stumble',
  async (type) => {
    const store = await storeOf(type)
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '"',
      '\\',
      ',',
      ':',
      '=',
      'sops',
      '[sops]\n',
      'sops_a__list_0=',
      '"""',
      '\n',
      '1e9',
      'null',
    )
    const bytes = fc.oneof(
      fc.uint8Array(),
      fc.array(fc.oneof(piece, value)).map((pieces) => Buffer.from(pieces.join(''))),
    )
    fc.assert(
      fc.property(bytes, fc.boolean(), (source, encrypted) => {
        readOr(() => store.parse(source, { file: 'x', encrypted }))
      }),
      { numRuns: 1000 },
    )
  },
)

async function refusal(text: string, type: FileType): Promise<SecretError | undefined> {
  const store = await storeOf(type)
  try {
    const { branches } = store.parse(Buffer.from(text), { file: 'x', encrypted: false })
    store.emit({ branches, metadata })
    return undefined
  } catch (error) {
    if (error instanceof SecretError) return error
    throw error
  }
}

function readOr<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof SecretError) return undefined
    throw error
  }
}
