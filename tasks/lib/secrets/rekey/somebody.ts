import { UsageError } from '../../cli/errors.ts'
import { registerSecret } from '../../cli/redact.ts'
import { didYouMean } from '../../cli/suggest.ts'
import type { KeyType, MasterKey } from '../keys/master-key.ts'
import { nameOf, type Person } from '../keys/people.ts'
import { parseRecipients } from '../rules/recipients.ts'

/** Whom a rotation is about: a person of secrets/keys, or a bare recipient. */
export interface Somebody {
  name: string
  keys: MasterKey[]
  /** Files with public keys that hold nothing else, absolute. */
  files: string[]
}

const literals: [form: RegExp, type: KeyType][] = [
  [/^(age1|ssh-)/, 'age'],
  [/^[0-9A-F]{40}!?$/i, 'pgp'],
  [/^arn:/, 'kms'],
  [/^projects\//, 'gcp_kms'],
  [/^https:\/\/.+\/keys\/[^/]+\/[^/]+$/, 'azure_kv'],
  [/^https?:\/\/.+\/v\d+\/.+\/keys\//, 'hc_vault'],
]

/** Finds a person by name, or reads a recipient. Throws a UsageError that names who there is. */
export function somebody(who: string, people: Person[]): Somebody {
  const named = people.filter(({ name, keys }) => name === who && keys.length > 0)
  if (named.length > 0) {
    return { name: who, keys: named.flatMap(({ keys }) => keys), files: named.map(({ file }) => file) }
  }
  if (/SECRET-KEY|PRIVATE KEY/i.test(who)) throw secretKey(who)
  const type = literals.find(([form]) => form.test(who.replaceAll(' ', '')))?.[1]
  const keys = type ? parseRecipients({ [type]: [who] }) : []
  const [key] = keys
  if (!key) throw unknown(who, people)
  const only = people.filter((person) => person.keys.length === 1 && nameOf([person], key))
  return { name: nameOf(people, key) ?? who, keys, files: only.map(({ file }) => file) }
}

/** Whether a key is one of somebody's, a subkey written as "fp!" included. */
export function isOf({ name, keys }: Somebody, key: MasterKey): boolean {
  return nameOf([{ name, file: '', keys }], key) !== undefined
}

function secretKey(who: string): UsageError {
  registerSecret(who)
  return new UsageError('this is a private key: a recipient is its public part, and begins with age1', {
    hint: 'it was in the history of your shell and visible to others: make a new one with tasks secrets:key',
  })
}

function unknown(who: string, people: Person[]): UsageError {
  const names = [...new Set(people.map(({ name }) => name))]
  const known = names.length > 0 ? `secrets/keys has ${names.join(', ')}` : 'secrets/keys is empty'
  return new UsageError(`${who} is nobody in secrets/keys, and no recipient`, {
    hint: didYouMean(who, names) ?? `${known}; a recipient begins with age1, or is a PGP fingerprint`,
  })
}
