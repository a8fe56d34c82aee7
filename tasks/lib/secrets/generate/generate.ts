import { randomUUID } from 'node:crypto'
import { UsageError } from '../../cli/errors.ts'
import { registerSecret } from '../../cli/redact.ts'
import { suggest } from '../../cli/suggest.ts'
import { randomEncoded, randomText } from './random.ts'

/** A value to be made: `--generate KEY=WHAT`. */
export interface Wanted {
  /** The key in the Secret; not there where only WHAT was given. */
  key?: string
  what: string
}

/** What --generate takes, with its meaning: for --help and errors. */
export const generators: Record<string, string> = {
  '32': 'letters and digits, as many as the number says (8 to 1024)',
  password: '20 letters and digits without those that look alike',
  'hex:32': 'random bytes in hexadecimal; base64:32 and base64url:32 likewise',
  uuid: 'a random UUID',
  ssh: 'an ed25519 key pair for ssh',
  rsa: 'an RSA key pair in PEM; rsa:4096 sets its bits',
}

/** Reads KEY=WHAT or WHAT. Throws a UsageError that names what there is. */
export function parseWanted(text: string): Wanted {
  const [, key, what] = /^(?:([^=]*)=)?(.*)$/s.exec(text)!
  if (!isKnown(what!)) throw unknown(text, what!)
  return { key: key || undefined, what: what! }
}

/** The values, by the keys they go under: one, or a key pair as KEY and its public part. `owner` goes into the ssh comment. */
export async function generate(
  { key, what }: Wanted,
  { owner }: { owner: string },
): Promise<Record<string, string>> {
  const values = await make(what, { key, owner })
  for (const value of Object.values(values)) registerSecret(value)
  return values
}

async function make(
  what: string,
  { key, owner }: { key?: string; owner: string },
): Promise<Record<string, string>> {
  const [kind, size] = what.split(':') as [string, string?]
  if (kind === 'ssh') {
    const { generateSshKey } = await import('./ssh-key.ts')
    return pairValues(generateSshKey({ comment: owner }), key ?? 'ssh-privatekey')
  }
  if (kind === 'rsa') {
    const { generateRsaKey } = await import('./rsa-key.ts')
    return pairValues(await generateRsaKey(size ? Number(size) : undefined), key ?? 'rsa-privatekey')
  }
  if (kind === 'uuid') return { [key ?? 'uuid']: randomUUID() }
  if (kind === 'password') return { [key ?? 'password']: randomText(20, { legible: true }) }
  if (kind === 'hex' || kind === 'base64' || kind === 'base64url')
    return { [key ?? 'key']: randomEncoded(Number(size ?? 32), kind) }
  return { [key ?? 'password']: randomText(Number(what)) }
}

// ssh-privatekey and ssh-publickey go together, as do id_ed25519 and id_ed25519.pub.
function pairValues(
  { privateKey, publicKey }: { privateKey: string; publicKey: string },
  key: string,
): Record<string, string> {
  const publicName = key.endsWith('privatekey') ? key.replace(/privatekey$/, 'publickey') : `${key}.pub`
  return { [key]: privateKey, [publicName]: publicKey }
}

function isKnown(what: string): boolean {
  const [kind, size] = what.split(':') as [string, string?]
  const within = (from: number, to: number, text: string) =>
    /^\d+$/.test(text) && Number(text) >= from && Number(text) <= to
  if (['hex', 'base64', 'base64url'].includes(kind)) return size === undefined || within(8, 1024, size)
  if (kind === 'rsa') return size === undefined || within(2048, 8192, size)
  return ['uuid', 'password', 'ssh'].includes(what) || within(8, 1024, what)
}

function unknown(text: string, what: string): UsageError {
  const names = ['password', 'uuid', 'ssh', 'rsa', 'hex', 'base64', 'base64url']
  const near = names.includes(what.split(':')[0]!) ? undefined : suggest(what, names)
  const list = Object.entries(generators).map(([name, meaning]) => `${name} (${meaning})`)
  return new UsageError(`--generate ${text}: ${what || 'nothing'} cannot be generated`, {
    hint: near ? `did you mean ${near}?` : `there is ${list.join(', ')}`,
  })
}
