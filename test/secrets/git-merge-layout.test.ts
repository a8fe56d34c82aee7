import { describe, expect, test } from 'vitest'
import { clearText, openDocument, parseSealed, resealText, sealText } from '../../tasks/lib/secrets/engine.ts'
import { createKeyring } from '../../tasks/lib/secrets/keys/keyring.ts'
import { mergeSealed } from '../../tasks/lib/secrets/merge/merge.ts'
import { fileTypeOf } from '../../tasks/lib/secrets/stores/stores.ts'
import { defaultSelector } from '../../tasks/lib/secrets/tree/selector.ts'
import { freshAgeKey, sopsOutput } from '../support/sops.ts'
import { edit, randomFile, randomOf, render } from './laid-out.ts'

const { identity, recipient } = freshAgeKey()
const keyring = createKeyring({ environment: { SOPS_AGE_KEY: identity }, publicKeys: [] })
const now = new Date('2026-01-02T03:04:05Z')

describe('a merge keeps the layout', () => {
  test.each([
    [
      'of YAML, and takes what theirs added as it is written there',
      'x.yaml',
      ['a: "1"', '', '# two', "'b':", '  c: 2', '', '  d: 3', 'e: 4'],
      ['a: "1"', '', '# two', "'b':", '  c: 2', '', '  d: 3', '  o: 5', 'e: 4'],
      ['a: "1"', '', '# two', "'b':", '  c: 2', '', '', '  # why', '  "t":   6', '', '  d: 3'],
      ['a: "1"', '', '# two', "'b':", '  c: 2', '', '', '  # why', '  "t":   6', '', '  d: 3', '  o: 5'],
    ],
    [
      'of lists to whose end both added',
      'x.yaml',
      ['l:', '- one', '', '- two', 'm: 1'],
      ['l:', '- one', '', '- two', '- ours', 'm: 1'],
      ['l:', '- one', '', '- two', '', '- theirs', 'm: 1'],
      ['l:', '- one', '', '- two', '- ours', '', '- theirs', 'm: 1'],
    ],
    [
      'of maps behind a dash',
      'x.yaml',
      ['l:', '- a: 1', '', '  b: 2', '', '- two', 'm: 1'],
      ['l:', '- a: 1', '', '  b: 2', '  c: 3', '', '- two', 'm: 1'],
      ['l:', '- b: 2', '', '- two', 'm: 1'],
      ['l:', '- b: 2', '  c: 3', '', '- two', 'm: 1'],
    ],
    [
      'of each document',
      'x.yaml',
      ['# head', '', 'a: 1', '---', '', 'b:', ' c: 2'],
      ['# head', '', 'a: 1', "'o': 1", '---', '', 'b:', ' c: 2'],
      ['# head', '', 'a: 1', '---', '', 'b:', ' c: 2', '', ' "t": 3'],
      ['# head', '', 'a: 1', "'o': 1", '---', '', 'b:', ' c: 2', '', ' "t": 3'],
    ],
    [
      'of JSON',
      'x.json',
      ['{', '  "a": 1,', '', '  "b": {"c": 2},', '  "l": ["x"]', '}'],
      ['{', '  "a": 1,', '', '  "b": {"c": 2, "o": 3},', '  "l": ["x", "o"]', '}'],
      ['{', '  "b": {"c": 2},', '  "l": ["x"],', '', '  "t": 4', '}'],
      ['{', '', '  "b": {"c": 2, "o": 3},', '  "l": ["x", "o"],', '', '  "t": 4', '}'],
    ],
    [
      'of dotenv',
      'x.env',
      ['# one', 'A=1', '', 'B=2', 'C=3'],
      ['# one', 'A=1', '', 'B=2', '# new', 'O=4', 'C=3'],
      ['# one', 'A=1', '', 'B=5', 'C=3', '', 'T=6'],
      ['# one', 'A=1', '', 'B=5', '# new', 'O=4', 'C=3', '', 'T=6'],
    ],
    [
      'of INI',
      'x.ini',
      ['; top', '[s]', 'a=1', 'b   = 2', '', '[t]', 'x=1'],
      ['; top', '[s]', 'a=1', 'b   = 2', 'o=3', '', '[t]', 'x=1'],
      ['; top', '[s]', 'b   = 2', '', '[t]', 'x=1', '; why', 'y =  2'],
      ['; top', '[s]', 'b   = 2', 'o=3', '', '[t]', 'x=1', '; why', 'y =  2'],
    ],
  ])('%s', async (_, file, base, ours, theirs, expected) => {
    const lines = { base, ours, theirs }
    const { clear, conflicts } = await merged(
      file,
      texts(lines, (all) => `${all.join('\n')}\n`),
    )
    expect({ clear: clear.trimEnd().split('\n'), conflicts }).toEqual({ clear: expected, conflicts: [] })
  })

  test('with the line ends of ours', async () => {
    const { clear } = await merged('x.yaml', { base: 'a: 1\r\n', ours: 'a: 2\r\n', theirs: 'a: 1\nb: 3\n' })
    expect(clear).toBe('a: 2\r\nb: 3\r\n')
  })

  test('of random files: every line is one that a side has, to the byte', { timeout: 60_000 }, async () => {
    for (let seed = 1; seed <= 60; seed++) {
      const random = randomOf(seed)
      const base = randomFile(random)
      const sides = { base, ours: edit(base, random, 'ours'), theirs: edit(base, random, 'theirs') }
      const { bytes, sealed, clear } = await merged('x.yaml', texts(sides, render))
      const known = new Set([...contentLines(sealed.ours), ...contentLines(sealed.theirs)])
      const foreign = contentLines(bytes).filter((line) => !known.has(line))
      expect({ seed, foreign: foreign.map(withoutDash).filter((line) => !has(known, line)) }).toEqual({
        seed,
        foreign: [],
      })
      if (seed % 10 > 0) continue
      const env = { SOPS_AGE_KEY: identity }
      const opened = await sopsOutput(['decrypt', '--filename-override', 'x.yaml', '--output-type', 'json'], {
        input: bytes,
        env,
      })
      const again = await sopsOutput(
        ['encrypt', '--age', recipient, '--filename-override', 'x.yaml', '--output-type', 'json'],
        { input: clear },
      ).then((input) => sopsOutput(['decrypt', '--filename-override', 'x.json'], { input, env }))
      expect(JSON.parse(opened.toString())).toEqual(JSON.parse(again.toString()))
    }
  })
})

interface Sides<T> {
  base: T
  ours: T
  theirs: T
}

function texts<T>({ base, ours, theirs }: Sides<T>, text: (side: T) => string): Sides<string> {
  return { base: text(base), ours: text(ours), theirs: text(theirs) }
}

async function merged(file: string, clear: Sides<string>) {
  const options = { file, type: fileTypeOf(file), keyring, now }
  const policy = {
    groups: [[{ type: 'age' as const, recipient }]],
    selector: defaultSelector,
    macOnlyEncrypted: false,
  }
  const base = await sealText(Buffer.from(clear.base), { ...options, policy })
  const opened = await openDocument(await parseSealed(base, options), options)
  const ours = await resealText(Buffer.from(clear.ours), opened, options)
  const theirs = await resealText(Buffer.from(clear.theirs), opened, options)
  const { bytes, conflicts } = await mergeSealed({ base, ours, theirs }, options)
  const result = await openDocument(await parseSealed(bytes, options), options)
  const text = Buffer.from(await clearText(result, { keepFormat: true })).toString()
  return { bytes, sealed: { ours, theirs }, clear: text, conflicts }
}

function contentLines(bytes: Uint8Array): string[] {
  return Buffer.from(bytes).toString().split('\nsops:\n')[0]!.split('\n')
}

// The first key of a map in a list has the dash before it: another one may be the first now.
function withoutDash(line: string): string {
  return line.replace(/^( *)- /, '$1  ')
}

function has(known: Set<string>, line: string): boolean {
  return [...known].some((one) => withoutDash(one) === line)
}
