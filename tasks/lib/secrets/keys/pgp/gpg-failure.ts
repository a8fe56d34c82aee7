import { KeyError } from '../key-source.ts'
import type { GpgResult } from './gpg-process.ts'

/** Why gpg did not do it. */
export interface GpgFailure {
  error: KeyError
  /** The numeric code of libgpg-error; 0 where gpg gave none. */
  code: number
}

/** Codes of libgpg-error that we act on. From 32768 on they are those of the system. */
export const gpgCodes = {
  badPassphrase: 11,
  noSecretKey: 17,
  noPinentry: 85,
  pinentryFailed: 86,
  noAgentProgram: 32849,
  noMemory: 32854,
  noTerminal: 32870,
}

const again = 'run the same command again'
const noWayToAsk = {
  text: 'gpg has no way to ask for the passphrase',
  hint: 'apt install pinentry-curses, then: export GPG_TTY=$(tty)',
}

/** What each code means to a person, and what to do. */
const meanings: Record<number, { text: string; hint?: string }> = {
  11: { text: 'the passphrase is wrong', hint: again },
  31: { text: 'the passphrase is wrong', hint: again },
  17: {
    text: 'gpg has no secret key for it',
    hint: 'gpg --list-secret-keys shows those that are there; a new key: tasks secrets:key',
  },
  62: { text: 'nobody answered the question for the passphrase in time', hint: again },
  77: { text: 'gpg-agent does not run', hint: 'gpgconf --launch gpg-agent' },
  78: { text: 'gpg-agent failed', hint: 'gpgconf --kill gpg-agent, then run the same command again' },
  85: noWayToAsk,
  86: noWayToAsk,
  99: { text: 'the question for the passphrase was cancelled', hint: again },
  108: { text: 'the smartcard failed', hint: 'gpg --card-status' },
  110: { text: 'the smartcard was removed', hint: 'put it in again' },
  112: { text: 'the smartcard is not there', hint: 'put it in, then: gpg --card-status' },
  177: noWayToAsk,
  198: { text: 'the question for the passphrase was cancelled', hint: again },
  32793: {
    text: 'gpg-agent does not answer',
    hint: 'gpgconf --kill gpg-agent, then run the same command again',
  },
  32849: { text: 'gpg-agent cannot be started', hint: 'apt install gpg-agent' },
  32854: {
    text: 'gpg-agent is out of memory',
    hint: 'gpgconf --kill gpg-agent, then run the same command again',
  },
  32870: { text: 'gpg cannot ask for the passphrase: it has no terminal', hint: 'export GPG_TTY=$(tty)' },
}

/** Why a decryption failed, by the lines of --status-fd; undefined where it did not. */
export function decryptFailure(result: GpgResult): GpgFailure | undefined {
  const { exitCode, stdout, status, said } = result
  if (exitCode === 0 && stdout.length > 0) return undefined
  if (exitCode === 0) return { code: 0, error: nothingGiven() }
  const code = errorCode(status) || (lacksEveryKey(status) ? gpgCodes.noSecretKey : 0)
  // The only one of these without a code: without an agent there is no secret key either.
  const noAgent = code === gpgCodes.noSecretKey && /agent/.test(said)
  return { code, error: failure(noAgent ? gpgCodes.noAgentProgram : code, result) }
}

function lacksEveryKey(status: string[][]): boolean {
  const count = (wanted: string) => status.filter(([word]) => word === wanted).length
  return count('NO_SECKEY') > 0 && count('NO_SECKEY') >= count('ENC_TO')
}

/** Why an encryption failed. */
export function encryptFailure(result: GpgResult): KeyError {
  const [, reason, recipient] = result.status.find(([word]) => word === 'INV_RECP') ?? []
  const text = reason === undefined ? undefined : (unfit[reason] ?? unfit['0'])
  if (!text) return failure(errorCode(result.status), result)
  const hint =
    reason === unknownKey
      ? `put the public key into secrets/keys/NAME.asc: gpg --armor --export ${recipient}`
      : `gpg --list-keys ${recipient} shows what it can be used for`
  return new KeyError(text, { hint })
}

const unknownKey = '1'
/** The reasons of INV_RECP (GnuPG, doc/DETAILS). */
const unfit: Record<string, string> = {
  0: 'gpg cannot encrypt for it',
  1: 'gpg does not know its public key',
  2: 'several keys of gpg fit it',
  3: 'the key is not for encryption',
  4: 'the key was revoked',
  5: 'the key has expired',
  10: 'gpg does not trust the key',
  12: 'the key is disabled in gpg',
}

function errorCode(status: string[][]): number {
  const numbers = status
    .filter(([word]) => word === 'ERROR' || word === 'FAILURE')
    .map((words) => Number(words[2]))
  return numbers.map((number) => number & 0xffff).find((code) => meanings[code]) ?? 0
}

function failure(code: number, { said, exitCode }: GpgResult): KeyError {
  const known = meanings[code]
  if (known) return new KeyError(known.text, { hint: known.hint })
  return new KeyError(said === '' ? `gpg ended with exit code ${exitCode}` : `gpg: ${said}`)
}

// gpg up to 2.2.20 drops what it cannot read (AEAD), and says nothing.
function nothingGiven(): KeyError {
  const hint = 'it was encrypted by a newer gpg: update gpg to 2.2.21 or newer'
  return new KeyError('gpg gave nothing: it cannot read this form of encryption', { hint })
}
