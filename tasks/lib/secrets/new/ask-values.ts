import { registerSecret } from '../../cli/redact.ts'
import { didYouMean } from '../../cli/suggest.ts'
import { askUntil, type Terminal } from '../../cli/terminal/ask-until.ts'
import { ask, confirm } from '../../cli/terminal/prompts.ts'
import { generate, parseWanted } from '../generate/generate.ts'
import { certificateValues } from './given-values.ts'
import { missingOf, type SecretType, secretTypes, typeDefinitions } from './secret-type.ts'
import { checkKeys, type SecretValues } from './secret-values.ts'

export interface Asking {
  terminal?: Terminal
  owner: string
  now: Date
}

/** Asks what the Secret is for; the answer to an empty line is any keys and values. */
export async function askType({ terminal }: Pick<Asking, 'terminal'>): Promise<SecretType> {
  const list = secretTypes.map((type, index) => {
    return `  ${index + 1}  ${type.padEnd(17)}${typeDefinitions[type].meaning}\n`
  })
  const typeOf = (answer: string) =>
    secretTypes.find((type, index) => type === answer || String(index + 1) === answer)
  const answer = await ask(`what is in it?\n${list.join('')}number or name:`, {
    default: 'opaque',
    terminal,
    check: (given) =>
      typeOf(given) ? undefined : (didYouMean(given, secretTypes) ?? 'a number from 1 to 5'),
  })
  return typeOf(answer)!
}

/** Asks for what is missing: secrets hidden, where an empty answer has them generated. */
export async function askValues(
  type: SecretType,
  given: { values: SecretValues; names: string[] },
  asking: Asking,
): Promise<SecretValues> {
  const missing = missingOf(type, given.values)
  if (type === 'tls' && missing.length > 0) return askCertificate(asking)
  if (type === 'ssh' && missing.length > 0) return generate(parseWanted('ssh'), { owner: asking.owner })
  const names = given.names.filter((key) => !Object.hasOwn(given.values, key))
  if (type === 'opaque' && names.length === 0 && Object.keys(given.values).length === 0) return askAny(asking)
  const values: SecretValues = {}
  const keys = [...missing, ...names.map((key) => ({ key, hidden: true, usual: undefined }))]
  for (const { key, hidden, usual } of keys) {
    if (Object.hasOwn(values, key)) continue
    values[key] = hidden
      ? await askSecret(key, { ...asking, optional: type !== 'docker-registry' })
      : await ask(`${key}?`, { default: usual, terminal: asking.terminal })
  }
  return values
}

async function askAny(asking: Asking): Promise<SecretValues> {
  const values: SecretValues = {}
  const check = (key: string) =>
    problem(() => checkKeys([key])) ?? (Object.hasOwn(values, key) ? 'it is there already' : undefined)
  do {
    const first = Object.keys(values).length === 0
    const question = first ? 'name of the value?' : 'name of the next value?'
    const key = await ask(question, {
      default: first ? 'password' : undefined,
      check,
      terminal: asking.terminal,
    })
    values[key] = await askSecret(key, { ...asking, optional: true })
  } while (await confirm('another value?', { terminal: asking.terminal, option: '--value KEY' }))
  return values
}

async function askSecret(
  key: string,
  { terminal, owner, optional }: Asking & { optional: boolean },
): Promise<string> {
  const question = `${key}, not shown${optional ? ' (empty: 32 random characters)' : ''}: `
  const answer = await askUntil<string>(question, {
    hidden: true,
    terminal,
    read: (line) => (line === '' && !optional ? { again: 'an answer is needed' } : { value: line }),
  })
  if (answer === '') return (await generate({ key, what: '32' }, { owner }))[key]!
  registerSecret(answer)
  return answer
}

async function askCertificate({ terminal, now }: Asking): Promise<SecretValues> {
  const question =
    'domain names of a new certificate, with commas (one that you have: --cert FILE --tls-key FILE)?'
  const answer = await ask(question, { terminal })
  const domain = answer.split(/[\s,]+/).filter(Boolean)
  return certificateValues({ domain, days: 365 }, now)
}

function problem(check: () => void): string | undefined {
  try {
    check()
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}
