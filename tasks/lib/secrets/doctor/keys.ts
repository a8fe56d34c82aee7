import { stat } from 'node:fs/promises'
import { createLookUp, type Found, shortRecipient } from '../keys/age/look-up.ts'
import type { KeyPlaces } from '../keys/key-source.ts'
import type { MasterKey } from '../keys/master-key.ts'
import { nameOf, type Person } from '../keys/people.ts'
import { ownKeys } from '../operator/own-keys.ts'
import { type Check, good, missing, warning } from './check.ts'

/** The private keys at hand and every place that was looked at for them; nobody is asked for a passphrase. */
export async function keyChecks(
  places: KeyPlaces,
  { people, pgp, files }: { people: Person[]; pgp: boolean; files: number },
): Promise<Check[]> {
  const lookUp = createLookUp({ ...places, askPassphrase: undefined })
  const found = [...(await lookUp('identities', '')), ...(await lookUp('ssh key', ''))]
  const read = found.filter(({ state }) => state === 'read')
  const checks = await Promise.all(read.map((each) => placeChecks(each, people)))
  const inGpg = pgp ? await gpgKeys(places, people) : []
  const absent = found.filter(({ state }) => state !== 'read').map(absentText)
  const looked = absent.length > 0 ? [good('also looked at', absent.join(', '))] : []
  return [...checks.flat(), ...inGpg, ...noKey([...checks.flat(), ...inGpg], files), ...looked]
}

async function placeChecks(
  { place, identities, plugins, problems }: Found,
  people: Person[],
): Promise<Check[]> {
  const recipients = await Promise.all(identities.map((identity) => identity.recipient()))
  const had = [
    ...recipients.map((recipient) => ownText({ type: 'age', recipient }, people)),
    ...plugins.map(() => 'an identity of an age plugin: sops keyservice uses it'),
  ]
  const holds = had.length > 0 ? [good(place.name, had.join('; '))] : []
  const wrong = problems.map((problem) => warning(place.name, problem, 'see what it holds, line by line'))
  const isEmpty = holds.length + wrong.length === 0
  const empty = isEmpty ? [warning(place.name, 'holds no identity', 'tasks secrets:key')] : []
  return [...holds, ...wrong, ...empty, ...('path' in place ? await modeChecks(place.path) : [])]
}

/** Whether others on this machine can read a file with a private key. */
async function modeChecks(path: string): Promise<Check[]> {
  const { mode } = await stat(path)
  if ((mode & 0o077) === 0 || process.platform === 'win32') return []
  const digits = (mode & 0o777).toString(8).padStart(4, '0')
  return [missing(path, `others can read this private key: its mode is ${digits}`, `chmod 600 ${path}`)]
}

async function gpgKeys(places: KeyPlaces, people: Person[]): Promise<Check[]> {
  const { keys } = await ownKeys({ ...places, askPassphrase: undefined }, { pgp: true })
  const own = keys.filter(({ key }) => key.type === 'pgp')
  return own.map(({ key, place }) => good(place, ownText(key, people)))
}

function ownText(key: MasterKey, people: Person[]): string {
  const name = nameOf(people, key)
  const text = key.type === 'age' ? shortRecipient(key.recipient) : key.type === 'pgp' ? key.fp : key.type
  if (name) return `${name}: ${text}`
  return key.type === 'age' && !/^(age1|ssh-)/.test(text) ? text : `${text}, not in secrets/keys`
}

function noKey(checks: Check[], files: number): Check[] {
  if (checks.some(({ state }) => state === 'good')) return []
  if (files === 0) return [warning('private key', 'there is none yet', 'tasks secrets:key')]
  return [missing('private key', 'none was found: no file can be opened here', 'tasks secrets:key')]
}

function absentText({ place, state }: Found): string {
  return `${place.name} (${state === 'missing' ? 'not there' : state})`
}
