import { setTimeout as wait } from 'node:timers/promises'
import { registerSecret } from '../../../cli/redact.ts'
import type { KeyPlaces } from '../key-source.ts'
import { decryptFailure, encryptFailure, type GpgFailure, gpgCodes } from './gpg-failure.ts'
import { type GpgResult, runGpg } from './gpg-process.ts'
import { limited } from './limited.ts'

/** gpg with its agent: the keys of the person, their smartcards, their pinentry. */
export interface Gpg {
  /** `ids` tell messages for the same keys: what is known after the first is not asked again. */
  decrypt(armored: string, ids: string): Promise<Uint8Array>
  encrypt(dataKey: Uint8Array, fp: string): Promise<string>
  /** The public keys that fit the fingerprint, as OpenPGP packets; empty where there is none. */
  export(fp: string): Promise<Buffer>
}

/** At most four at a time: the agent runs out of locked memory under more. */
const atOnce = 4

export function createGpg(places: KeyPlaces): Gpg {
  const limit = limited(atOnce)
  const known = new Map<string, Promise<Known>>()
  const gpg = (words: string[], options = {}) => limit(() => runGpg(words, { ...options, places }))
  return {
    // The first message for a key goes alone: its passphrase is asked once, and the agent knows it then.
    async decrypt(armored, ids) {
      const before = known.get(ids)
      if (before) {
        const { failed, passphrase } = await before
        if (failed) throw failed
        return decrypted(await tryDecrypt(gpg, { armored, passphrase }))
      }
      const first = decryptFirst(gpg, { armored, places })
      known.set(
        ids,
        first.then(lasting, (failed) => ({ failed })),
      )
      return decrypted((await first).outcome)
    },
    encrypt: (dataKey, fp) => encryptWithGpg(gpg, { dataKey, fp }),
    async export(fp) {
      const result = await gpg(['--batch', '--export', fp])
      return result.stdout
    },
  }
}

type RunGpg = (
  words: string[],
  options?: { input?: string | Uint8Array; passphrase?: string },
) => Promise<GpgResult>
type Outcome = { data: Uint8Array } | (GpgFailure & { keyName: string })

/** What holds for every further message for the same keys. */
interface Known {
  failed?: Error
  passphrase?: string
}

function decrypted(outcome: Outcome): Uint8Array {
  if ('error' in outcome) throw outcome.error
  return outcome.data
}

async function tryDecrypt(
  gpg: RunGpg,
  { armored, passphrase }: { armored: string; passphrase?: string },
): Promise<Outcome> {
  for (let attempt = 1; ; attempt++) {
    const result = await gpg(['-d'], { input: armored, passphrase })
    const failure = decryptFailure(result)
    if (!failure) return { data: result.stdout }
    if (failure.code !== gpgCodes.noMemory || attempt === 5)
      return { ...failure, keyName: keyName(result.said) }
    await wait(attempt * 100)
  }
}

/** gpg says whose key it is in quotes; only for people to read. */
function keyName(said: string): string {
  return `the PGP key ${/"([^"]+)"/.exec(said)?.[1] ?? 'in gpg'}`
}

interface First {
  outcome: Outcome
  passphrase?: string
}

async function decryptFirst(
  gpg: RunGpg,
  { armored, places }: { armored: string; places: KeyPlaces },
): Promise<First> {
  let outcome = await tryDecrypt(gpg, { armored })
  if (!('error' in outcome) || !cannotAsk.has(outcome.code) || !places.askPassphrase) return { outcome }
  const { keyName } = outcome
  for (let attempt = 1; attempt <= 3; attempt++) {
    const passphrase = await places.askPassphrase(keyName)
    if (passphrase === undefined) return { outcome }
    registerSecret(passphrase)
    outcome = await tryDecrypt(gpg, { armored, passphrase })
    if (!('error' in outcome) || outcome.code !== gpgCodes.badPassphrase) return { outcome, passphrase }
  }
  return { outcome }
}

const cannotAsk = new Set([gpgCodes.noPinentry, gpgCodes.pinentryFailed, gpgCodes.noTerminal])

/** What a message shows that is damaged itself says nothing about the next one. */
function lasting({ outcome, passphrase }: First): Known {
  if (!('error' in outcome)) return { passphrase }
  return outcome.code === 0 || outcome.code === gpgCodes.noMemory ? {} : { failed: outcome.error }
}

// As sops calls it. The trusted key is named by its last 16 digits, and "!" where a subkey is meant.
async function encryptWithGpg(
  gpg: RunGpg,
  { dataKey, fp }: { dataKey: Uint8Array; fp: string },
): Promise<string> {
  const trusted = fp.slice(fp.endsWith('!') ? -17 : -16)
  const result = await gpg(
    [
      '--no-default-recipient',
      '--yes',
      '--encrypt',
      '-a',
      '-r',
      fp,
      '--trusted-key',
      trusted,
      '--no-encrypt-to',
    ],
    { input: dataKey },
  )
  if (result.exitCode !== 0 || result.stdout.length === 0) throw encryptFailure(result)
  return result.stdout.toString().trim()
}
