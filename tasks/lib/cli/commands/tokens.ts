import type { Finding } from '../errors.ts'
import { didYouMean } from '../suggest.ts'
import { type Option, spellings, valueNameOf } from './options.ts'

/** One use of an option: its text is undefined for a bare flag. */
export interface Use {
  option: Option
  /** As typed: --no-color, -o. */
  spelling: string
  text: string | undefined
}

/** A command line taken apart, values still as text. */
export interface Tokens {
  words: string[]
  uses: Use[]
  findings: Finding[]
  /** An option was unknown: the word after it may have been its value. */
  hasUnknown: boolean
}

/** Takes the words after `tasks NAME` apart; what follows "--" are words only. */
export function readTokens(argv: string[], options: Option[]): Tokens {
  const known = new Map(options.flatMap((option) => spellings(option).map((name) => [name, option] as const)))
  const tokens: Tokens = { words: [], uses: [], findings: [], hasUnknown: false }
  const rest = [...argv]
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--') tokens.words.push(...rest.splice(0))
    else if (/^--./.test(word)) readLong(word, { known, tokens, rest })
    else if (/^-[^\d]/.test(word)) readShort(word, { known, tokens, rest })
    else tokens.words.push(word)
  }
  return tokens
}

interface Reading {
  known: Map<string, Option>
  tokens: Tokens
  /** The words not read yet. */
  rest: string[]
}

function readLong(word: string, reading: Reading): void {
  const equals = word.indexOf('=')
  const spelling = equals < 0 ? word : word.slice(0, equals)
  const option = reading.known.get(spelling)
  if (option === undefined) unknown(spelling, reading)
  else use({ option, spelling, text: equals < 0 ? undefined : word.slice(equals + 1) }, reading)
}

// -vy is -v -y; -ojson, -o=json and -o json are the same.
function readShort(word: string, reading: Reading): void {
  const [spelling, after] = [word.slice(0, 2), word.slice(2)]
  const option = reading.known.get(spelling)
  if (option === undefined) {
    unknown(spelling, reading)
    return
  }
  const isFlag = option.definition.type === 'boolean' && !after.startsWith('=')
  const text = isFlag || after === '' ? undefined : after.replace(/^=/, '')
  use({ option, spelling, text }, reading)
  if (isFlag && after !== '') readShort(`-${after}`, reading)
}

function use(given: Use, { known, tokens, rest }: Reading): void {
  const takesValue = given.option.definition.type !== 'boolean'
  if (!takesValue || given.text !== undefined) {
    tokens.uses.push(given)
    return
  }
  const next = rest[0]
  if (next === undefined || next === '--' || known.has(next.split('=')[0]!)) {
    const message = `${given.spelling} needs a value: ${given.spelling} ${valueNameOf(given.option)}`
    tokens.findings.push({ severity: 'error', message })
  } else tokens.uses.push({ ...given, text: rest.shift() })
}

function unknown(spelling: string, { known, tokens }: Reading): void {
  const long = [...known.keys()].filter((name) => name.startsWith('--'))
  const candidates = long.filter((name) => !name.startsWith('--no-') || spelling.startsWith('--no'))
  const hint = spelling.startsWith('--') ? didYouMean(spelling, candidates) : undefined
  tokens.findings.push({ severity: 'error', message: `unknown option ${spelling}`, hint })
  tokens.hasUnknown = true
}
