import type { AgeFile } from './header.ts'

/** A private key that opens age files. */
export interface Identity {
  /** Its public part, as a recipient; for errors. */
  recipient(): string | Promise<string>
  /** Tried last: a person may have to be asked. */
  needsPassphrase?: boolean
  /**
   * The file key out of the stanza that is for this identity; undefined where none is. Throws a plain Error where there
   * is one and it is damaged, or a passphrase is missing.
   */
  fileKey(file: AgeFile): Uint8Array | undefined | Promise<Uint8Array | undefined>
}
