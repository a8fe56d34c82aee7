/** What a LUKS header says. Source: LUKS2 on-disk format specification 1.1.1. */
export interface LuksHeader {
  version: 1 | 2
  uuid: string
  label: string
  subsystem: string
  /** Bytes of one copy: binary part and JSON. */
  copyBytes: number
  /** sha256 of the JSON: another one after every change of a keyslot or token. */
  fingerprint: string
  keyslots: Keyslot[]
  tokens: { type: string; keyslots: number[] }[]
  /** True while the data are being encrypted anew: no part of the area may be left out then. */
  isChanging: boolean
  /** Whether the first and the second copy are whole and of the same age; LUKS1 has one copy and no checksum. */
  intact: [first: boolean, second: boolean]
}

export interface Keyslot {
  slot: number
  /** "pbkdf2", "argon2id". */
  kdf: string
  /** Where its material lies, in bytes. */
  offset: number
  bytes: number
}
