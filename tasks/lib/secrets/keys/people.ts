import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { keyName, type MasterKey } from './master-key.ts'
import type { PgpKeyDescription } from './pgp/describe.ts'

/** Whose public keys a file of secrets/keys holds. */
export interface Person {
  /** The name of the file, without its ending. */
  name: string
  /** Absolute path. */
  file: string
  keys: MasterKey[]
  /** When a PGP key can no longer be encrypted for. */
  expires?: Date
  /** Why it cannot be used, or should not: "line 2 is an identity (a private key), not a recipient". */
  problem?: string
}

/** NAME.age has age recipients, one in each line; NAME.pub ssh public keys; NAME.asc PGP public keys. */
const readers: Record<string, (text: string) => Pick<Person, 'keys' | 'problem'> | Promise<Pgp>> = {
  '.age': ageKeys,
  '.pub': sshKeys,
  '.asc': pgpKeys,
}

/** Everybody with a public key in the folder, by name; nobody where there is no such folder. */
export async function readPeople(folder: string): Promise<Person[]> {
  const files = (await namesIn(folder)).filter((name) => extname(name) in readers && !name.startsWith('.'))
  return Promise.all(files.sort().map((name) => readPerson(join(folder, name), name)))
}

/** The name of the person whose key it is, a subkey's included; undefined for nobody's. */
export function nameOf(people: Person[], key: MasterKey): string | undefined {
  const wanted = comparable(key)
  return people.find(({ keys }) => keys.some((known) => comparable(known) === wanted))?.name
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

async function readPerson(file: string, base: string): Promise<Person> {
  const ending = extname(base)
  const text = await readFile(file, 'utf8')
  return { name: base.slice(0, -ending.length), file, ...(await readers[ending]!(text)) }
}

// ssh keys may have a comment behind them; "fp!" is a subkey of the key "fp".
function comparable(key: MasterKey): string {
  const name = keyName(key)
  if (key.type === 'pgp') return `pgp ${name.replace(/!$/, '').toUpperCase()}`
  return `${key.type} ${name.startsWith('ssh-') ? name.split(/\s+/, 2).join(' ') : name}`
}

const recipient = /^(age1[a-z0-9]+|ssh-(ed25519|rsa) [A-Za-z0-9+/=]+( .*)?)$/

function ageKeys(text: string): Pick<Person, 'keys' | 'problem'> {
  const lines = text.split(/\r?\n/).map((line) => line.trim())
  const wrong = lines.findIndex((line) => line !== '' && !line.startsWith('#') && !recipient.test(line))
  const keys = lines.filter((line) => recipient.test(line)).map(ageKey)
  if (wrong >= 0) return { keys, problem: `line ${wrong + 1} ${wrongLine(lines[wrong]!)}` }
  return keys.length > 0 ? { keys } : { keys, problem: 'holds no recipient' }
}

function wrongLine(line: string): string {
  return /^AGE-(SECRET-KEY|PLUGIN)-/i.test(line)
    ? 'is an identity (a private key), not a recipient: take it out of the repository'
    : 'is no age recipient: one begins with age1'
}

function ageKey(line: string): MasterKey {
  const text = line.startsWith('ssh-') ? line.split(/\s+/, 2).join(' ') : line
  return { type: 'age', recipient: text }
}

function sshKeys(text: string): Pick<Person, 'keys' | 'problem'> {
  if (text.includes('PRIVATE KEY'))
    return { keys: [], problem: 'is a private key: take it out of the repository' }
  const lines = text.split(/\r?\n/).filter((line) => /^ssh-(ed25519|rsa) [A-Za-z0-9+/=]+/.test(line))
  if (lines.length > 0) return { keys: lines.map(ageKey) }
  return { keys: [], problem: 'holds no ssh-ed25519 or ssh-rsa key: age can use no others' }
}

type Pgp = Pick<Person, 'keys' | 'expires' | 'problem'>

async function pgpKeys(text: string): Promise<Pgp> {
  const { describePgpKeys } = await import('./pgp/describe.ts')
  const found = await describePgpKeys(text).catch(() => [])
  if (found.length === 0) return { keys: [], problem: 'holds no PGP public key' }
  const ends = found.flatMap(({ expires }) => (expires ? [expires.getTime()] : []))
  const problem = found.map(pgpProblem).find(Boolean)
  return {
    keys: found.map(({ fingerprint }) => ({ type: 'pgp', fp: fingerprint })),
    ...(ends.length > 0 && { expires: new Date(Math.min(...ends)) }),
    ...(problem && { problem }),
  }
}

function pgpProblem({ revoked, weak, canEncrypt, expires }: PgpKeyDescription): string | undefined {
  if (revoked) return 'the key was revoked'
  if (weak) return `the key is weak: ${weak}`
  if (canEncrypt) return undefined
  return expires
    ? `the key expired on ${expires.toISOString().slice(0, 10)}`
    : 'nothing can be encrypted for the key'
}
