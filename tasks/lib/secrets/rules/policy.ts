import type { KeyGroup } from '../keys/master-key.ts'
import type { Selector } from '../tree/selector.ts'

/** How a new file is encrypted: what a creation rule of .sops.yaml, or the command line, says. */
export interface Policy {
  groups: KeyGroup[]
  threshold?: number
  /** The default selector where none is named. */
  selector: Selector
  macOnlyEncrypted: boolean
}
