import { readFile } from 'node:fs/promises'
import { TaskError, UsageError } from '../../cli/errors.ts'
import { registerSecret } from '../../cli/redact.ts'
import { generate, parseWanted, type Wanted } from '../generate/generate.ts'
import type { SecretType } from './secret-type.ts'
import type { SecretValues } from './secret-values.ts'

/** What flags say about values. No flag takes a value that is a secret: argv can be read by every user of a machine. */
export interface ValueFlags {
  /** KEY=WHAT or WHAT. */
  generate: string[]
  /** KEY=FILE. */
  fromFile: string[]
  username?: string
  server?: string
  /** Files in PEM. */
  cert?: string
  key?: string
  /** For a certificate that signs itself. */
  domain: string[]
  days: number
}

/** The values that flags give: from files, generated, and the two names that are no secrets. */
export async function givenValues(
  type: SecretType,
  flags: ValueFlags,
  { owner, now }: { owner: string; now: Date },
): Promise<SecretValues> {
  checkFlags(type, flags)
  const wanted = flags.generate.map(parseWanted)
  const files = [
    ...flags.fromFile.map(keyAndFile),
    ...(flags.cert ? [{ key: 'tls.crt', file: flags.cert }] : []),
    ...(flags.key ? [{ key: 'tls.key', file: flags.key }] : []),
  ]
  const all: SecretValues[] = [
    { ...(flags.server && { server: flags.server }), ...(flags.username && { username: flags.username }) },
    flags.domain.length > 0 ? await certificateValues(flags, now) : {},
  ]
  for (const { key, file } of files) all.push({ [key]: await fileValue(file) })
  for (const one of wanted) all.push(await generate(withUsualKey(one, type), { owner }))
  return merged(all)
}

/** A certificate that signs itself, as the values of a Secret. */
export async function certificateValues(
  { domain, days }: Pick<ValueFlags, 'domain' | 'days'>,
  now: Date,
): Promise<SecretValues> {
  const { selfSigned } = await import('../generate/tls.ts')
  const { certificate, key } = await selfSigned(domain, { days, now })
  registerSecret(key)
  return { 'tls.crt': certificate, 'tls.key': key }
}

function checkFlags(type: SecretType, { cert, key, domain, username, server }: ValueFlags): void {
  const fits = (flag: string, given: unknown, types: SecretType[]) => {
    if (!given || types.includes(type)) return
    throw new UsageError(`${flag} is for a Secret of another type`, { hint: `add --type ${types[0]}` })
  }
  fits('--domain', domain.length > 0, ['tls'])
  fits('--cert', cert, ['tls'])
  fits('--tls-key', key, ['tls'])
  fits('--server', server, ['docker-registry'])
  fits('--username', username, ['basic-auth', 'docker-registry'])
  if (domain.length > 0 && (cert || key))
    throw new UsageError('--domain makes a certificate, --cert and --tls-key bring one: give either')
}

// The key that the type knows: a password generated for basic-auth is its password.
function withUsualKey({ key, what }: Wanted, type: SecretType): Wanted {
  const isText = !/^(ssh|rsa)/.test(what)
  if (key === undefined && isText && (type === 'basic-auth' || type === 'docker-registry'))
    return { key: 'password', what }
  return key === undefined && !isText && type === 'ssh' ? { key: 'ssh-privatekey', what } : { key, what }
}

function keyAndFile(text: string): { key: string; file: string } {
  const at = text.indexOf('=')
  if (at > 0 && at < text.length - 1) return { key: text.slice(0, at), file: text.slice(at + 1) }
  throw new UsageError(`--from-file ${text}: a key and a file are expected`, {
    hint: '--from-file ca.crt=FILE',
  })
}

async function fileValue(file: string): Promise<string | Uint8Array> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    const message = error.code === 'ENOENT' ? 'there is no such file' : `cannot be read: ${error.code}`
    throw new TaskError(message, { file, cause: error })
  })
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    registerSecret(text)
    return text
  } catch {
    registerSecret(bytes.toString('base64'))
    return bytes
  }
}

/** One set of values of several. Throws where a key is given twice. */
export function merged(all: SecretValues[]): SecretValues {
  const pairs = all.flatMap((values) => Object.entries(values))
  const keys = pairs.map(([key]) => key)
  const twice = keys.find((key, index) => keys.indexOf(key) !== index)
  if (twice !== undefined) throw new UsageError(`${twice} is given twice`)
  return Object.fromEntries(pairs)
}
