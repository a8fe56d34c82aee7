import { homedir } from 'node:os'
import { askHidden } from '../../cli/terminal/prompts.ts'
import { environment } from '../../config/environment.ts'
import { SecretError } from '../errors.ts'
import type { KeyPlaces } from './key-source.ts'

/** Where the keys of whoever runs this are; on a terminal passphrases are asked for, one after the other. */
export function keyPlaces({
  publicKeys,
  signal,
  decryptionOrder = environment().SOPS_DECRYPTION_ORDER,
}: {
  publicKeys: string[]
  signal?: AbortSignal
  /** Kinds of keys with commas between them. */
  decryptionOrder?: string
}): KeyPlaces {
  const variables = environment()
  return {
    environment: variables,
    home: variables.HOME || homedir() || undefined,
    publicKeys,
    askPassphrase: hasTerminal() ? oneAtATime(askPassphrase) : undefined,
    decryptionOrder: decryptionOrder ? orderOf(decryptionOrder) : undefined,
    signal,
  }
}

function orderOf(text: string): string[] {
  const order = text.split(',')
  const twice = order.find((type, index) => order.indexOf(type) !== index)
  if (twice === undefined) return order
  throw new SecretError(`the decryption order names ${twice} twice`, { code: 'duplicateKeyType' })
}

function hasTerminal(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true
}

function askPassphrase(what: string): Promise<string> {
  return askHidden(`passphrase of ${what}:`)
}

// Files are opened side by side; a terminal holds one question.
function oneAtATime<T>(ask: (what: string) => Promise<T>): (what: string) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (what) => {
    const answer = last.then(() => ask(what))
    last = answer.catch(() => {})
    return answer
  }
}
