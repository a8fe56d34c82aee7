import type { KeyGroup } from '../keys/master-key.ts'
import type { Selector } from '../tree/selector.ts'

/** What the `sops` block of a file says. */
export interface Metadata {
  /** One group: any of its keys opens the file. Several: `threshold` of them are needed, one key of each (Shamir). */
  groups: KeyGroup[]
  /** 2 to 255; only with several groups, and then the number of groups where it is not set. */
  threshold?: number
  /** RFC 3339 in whole seconds, UTC: "2024-01-02T00:00:00Z". Also authenticates the MAC. */
  lastModified: string
  /** The MAC, itself encrypted: "ENC[…]". */
  mac: string
  /** Which values are encrypted. */
  selector: Selector
  /** False where the file named no selector: binary files, and files of very old versions. */
  selectorWritten: boolean
  macOnlyEncrypted: boolean
  /** The version of sops that wrote it. */
  version: string
}

/** The version that new files carry: what they are compatible with. */
export const writtenVersion = '3.13.3'
