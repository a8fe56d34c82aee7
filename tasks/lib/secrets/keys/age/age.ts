import { isInterruption } from '../../../cli/commands/signals.ts'
import { KeyError, type KeyPlaces, type KeySource } from '../key-source.ts'
import type { AgeKey, MasterKey } from '../master-key.ts'
import { dearmor } from './armor.ts'
import { openFile, sealFile } from './file.ts'
import { type AgeFile, parseFile } from './header.ts'
import { sealHybrid } from './hybrid.ts'
import { createLookUp, type Found, foundText, type LookUp } from './look-up.ts'
import { keysFile } from './places.ts'
import { checkRecipient, recipientKind } from './recipient.ts'
import { wrapX25519, x25519Recipient } from './x25519.ts'

/** Keys of age: X25519, post-quantum and ssh ones natively; those of plugins are the key service's. */
export function createAgeKeys(places: KeyPlaces): KeySource {
  const lookUp = createLookUp(places)
  return {
    handles: (key) => key.type === 'age' && recipientKind(key.recipient) !== 'plugin',
    wrap: async (key, dataKey) => wrapFor(asAge(key).recipient.trim(), dataKey),
    unwrap: async (key) => unwrap(asAge(key), { lookUp, places }),
  }
}

function asAge(key: MasterKey): AgeKey {
  if (key.type !== 'age') throw new Error(`a ${key.type} key came to age`)
  return key
}

async function wrapFor(recipient: string, dataKey: Uint8Array): Promise<string> {
  const kind = await checkRecipient(recipient)
  if (kind === 'hybrid') return sealHybrid(recipient, dataKey)
  if (kind === 'ssh') {
    const { wrapSsh } = await import('./ssh/ssh-recipient.ts')
    return sealFile(dataKey, (fileKey) => [wrapSsh(recipient, fileKey)])
  }
  try {
    return sealFile(dataKey, (fileKey) => [wrapX25519(x25519Recipient(recipient)!, fileKey)])
  } catch (error) {
    throw new KeyError(`${recipient} cannot be encrypted for: ${(error as Error).message}`, { cause: error })
  }
}

interface Opening {
  lookUp: LookUp
  places: KeyPlaces
}

async function unwrap(key: AgeKey, opening: Opening): Promise<Uint8Array> {
  const file = ageFile(key.enc)
  const found = await plausible(file, { key, ...opening })
  const problems: string[] = []
  for (const identity of inOrder(found)) {
    try {
      const fileKey = await identity.fileKey(file)
      if (fileKey) return openFile(file, fileKey)
    } catch (error) {
      if (isInterruption(error)) throw error
      problems.push((error as Error).message)
    }
  }
  if (found.some(({ plugins }) => plugins.length > 0)) return unwrapByPlugin(key, opening)
  throw await notOpened(found, { problems, places: opening.places })
}

function ageFile(enc: string | undefined): AgeFile {
  if (!enc) throw new KeyError('the file has no data key for it')
  try {
    return parseFile(dearmor(enc))
  } catch (error) {
    throw new KeyError(`its data key is damaged: ${(error as Error).message}`, { cause: error })
  }
}

// An ssh key opens ssh stanzas only, and an age identity none of them.
async function plausible({ stanzas }: AgeFile, { key, lookUp }: Opening & { key: AgeKey }): Promise<Found[]> {
  const ssh = stanzas.map(({ type }) => type.startsWith('ssh-'))
  return [
    ...(ssh.includes(true) ? await lookUp('ssh key', key.recipient) : []),
    ...(ssh.includes(false) ? await lookUp('identities', key.recipient) : []),
  ]
}

function inOrder(found: Found[]) {
  const identities = found.flatMap((each) => each.identities)
  return [
    ...identities.filter(({ needsPassphrase }) => !needsPassphrase),
    ...identities.filter(({ needsPassphrase }) => needsPassphrase),
  ]
}

async function unwrapByPlugin(key: AgeKey, { places }: Opening): Promise<Uint8Array> {
  const { createServiceKeys } = await import('../service/service.ts')
  return createServiceKeys(places).unwrap(key)
}

async function notOpened(
  found: Found[],
  { problems, places }: { problems: string[]; places: KeyPlaces },
): Promise<KeyError> {
  const tried = await Promise.all(found.map(foundText))
  const count = found.flatMap(({ identities }) => identities).length
  const none = count === 0 ? 'no identity is at hand' : 'no identity at hand is for it'
  const keys = keysFile(places) ?? 'a file named by SOPS_AGE_KEY_FILE'
  const join = 'tasks secrets:key, and somebody who can read it runs tasks secrets:updatekeys'
  const hint = `put the identity into ${keys}; it is on paper: tasks secrets:key --recover; it is lost: ${join}`
  if (problems.length === 0) return new KeyError(none, { tried, hint })
  return new KeyError(problems.join('; '), { tried, hint: 'tasks secrets:doctor shows the keys at hand' })
}
