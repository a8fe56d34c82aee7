import { registerSecret } from '../../../cli/redact.ts'
import { hybridIdentity } from './hybrid.ts'
import type { Identity } from './identity.ts'
import { x25519Identity } from './x25519.ts'

/** The identities in a text such as keys.txt. */
export interface IdentityTexts {
  identities: Identity[]
  /** AGE-PLUGIN-…: only a plugin can use them. */
  plugins: string[]
  /** What could not be read, without any of it. */
  problems: string[]
}

/** Reads identities, one in each line; with `words`, as in SOPS_AGE_KEY, several may stand in one. */
export function readIdentities(text: string, { words = false } = {}): IdentityTexts {
  const found: IdentityTexts = { identities: [], plugins: [], problems: [] }
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue
    for (const word of words ? line.trim().split(/\s+/) : [line.trim()]) {
      const problem = addIdentity(found, word)
      if (problem) found.problems.push(`line ${index + 1} ${problem}`)
    }
  }
  return found
}

function addIdentity(found: IdentityTexts, text: string): string | undefined {
  if (text.startsWith('age1')) return 'is a recipient, not an identity'
  registerSecret(text)
  if (text.startsWith('AGE-PLUGIN-')) {
    found.plugins.push(text)
    return undefined
  }
  const identity = text.startsWith('AGE-SECRET-KEY-PQ-1') ? hybridIdentity(text) : x25519Identity(text)
  if (!identity) return text.startsWith('AGE-') ? 'has a typing error' : 'is no age identity'
  found.identities.push(identity)
  return undefined
}
