import type { MasterKey } from './master-key.ts'

/** Where keys are looked for, and how a person is asked for a passphrase. */
export interface KeyPlaces {
  environment: Readonly<Record<string, string | undefined>>
  /** The user's home folder; absent for a user without one. */
  home?: string
  /** Folders with public keys of people: NAME.asc (PGP), NAME.age (age recipients), NAME.pub (ssh). */
  publicKeys: string[]
  /** Asks for the passphrase of what is named; undefined where nobody can be asked. */
  askPassphrase?(what: string): Promise<string | undefined>
  /** age,pgp by default: SOPS_DECRYPTION_ORDER. */
  decryptionOrder?: string[]
  signal?: AbortSignal
}

/** Wraps and opens data keys with one kind of key. Made once for each run: identities are read once. */
export interface KeySource {
  /** Whether it is about this key at all. */
  handles(key: MasterKey): boolean
  /** The data key wrapped for this key: the text that goes to `enc`. Throws a KeyError. */
  wrap(key: MasterKey, dataKey: Uint8Array): Promise<string>
  /** The data key out of `enc`. Throws a KeyError that says what was looked for, and where. */
  unwrap(key: MasterKey): Promise<Uint8Array>
}

/** The source that handles a key. */
export type Sources = (key: MasterKey) => Promise<KeySource>

/** Why a key did not open or wrap, in one line, with every place that was looked at and the next thing to do. */
export class KeyError extends Error {
  readonly tried: string[]
  readonly hint?: string

  constructor(message: string, options: { tried?: string[]; hint?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.name = 'KeyError'
    this.tried = options.tried ?? []
    this.hint = options.hint
  }
}
