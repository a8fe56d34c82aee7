import { registerSecret } from '../../../cli/redact.ts'
import { KeyError } from '../key-source.ts'
import { decodeBech32 } from './bech32.ts'
import { hybridRecipient } from './hybrid.ts'
import { readIdentities } from './identity-texts.ts'
import { x25519Recipient } from './x25519.ts'

export type RecipientKind = 'x25519' | 'hybrid' | 'plugin' | 'ssh'

/** The kind of a recipient by how it begins, as sops tells it; undefined for what is none. */
export function recipientKind(text: string): RecipientKind | undefined {
  if (text.startsWith('ssh-')) return 'ssh'
  if (text.startsWith('age1pq1')) return 'hybrid'
  if (!text.startsWith('age1')) return undefined
  return text.lastIndexOf('1') > 'age'.length ? 'plugin' : 'x25519'
}

/** The kind of a recipient that was checked to its last character. Throws a KeyError. */
export async function checkRecipient(text: string): Promise<RecipientKind> {
  const kind = recipientKind(text)
  if (kind === 'ssh') await (await import('./ssh/public-key.ts')).parseSshRecipient(text)
  else if (!kind) throw notARecipient(text)
  else if (!isWellFormed(text, kind)) {
    throw new KeyError(`${text} has a typing error: its checksum does not agree`, {
      hint: 'copy the recipient again, in one piece',
    })
  }
  return kind
}

function isWellFormed(text: string, kind: RecipientKind): boolean {
  if (kind === 'x25519') return x25519Recipient(text) !== undefined
  if (kind === 'hybrid') return hybridRecipient(text) !== undefined
  return isPluginRecipient(text)
}

function isPluginRecipient(text: string): boolean {
  const prefix = text.slice(0, text.lastIndexOf('1'))
  return /^age1[a-z0-9+\-._]+$/.test(prefix) && decodeBech32(text, prefix) !== undefined
}

// What was typed may be a secret: it is not shown.
function notARecipient(text: string): KeyError {
  const secret = /^AGE-(SECRET-KEY|PLUGIN)-/i.test(text) || text.includes('PRIVATE KEY')
  if (!secret) {
    return new KeyError(`${text.slice(0, 40)} is no age recipient`, {
      hint: 'a recipient begins with age1, ssh-ed25519 or ssh-rsa',
    })
  }
  registerSecret(text)
  return new KeyError('an identity was given where a recipient belongs: it must stay secret', {
    hint: 'age-keygen -y FILE prints the recipient of an identity',
  })
}

/** The recipient of an AGE-SECRET-KEY- identity. Throws a KeyError that shows nothing of it. */
export async function recipientOf(identity: string): Promise<string> {
  const { identities, plugins, problems } = readIdentities(identity)
  if (identities.length === 1) return identities[0]!.recipient()
  if (plugins.length > 0) throw new KeyError('only its plugin knows the recipient of a plugin identity')
  throw new KeyError(problems[0] ? `the identity on ${problems[0]}` : 'there is not exactly one identity')
}
