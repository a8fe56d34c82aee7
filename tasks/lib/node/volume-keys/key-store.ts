import type { Machine } from '../machine.ts'
import type { RotationStep } from './rotation-state.ts'

/** The keys that a store holds of a volume. */
export interface StoredKeys {
  current?: Buffer
  /** Made, and not used to unlock yet. */
  next?: Buffer
  /** Used to unlock until a moment ago. */
  previous?: Buffer
}

/** Where the key of a volume lives, as far as a rotation has to know. */
export interface KeyStore {
  /** For people: "keys:/masterlock/keys/kube1/data". */
  shown: string
  /** Where its commands run. */
  machine: Machine
  /** All that is there, whole: nothing is taken for missing that could not be read. */
  read(): Promise<StoredKeys>
  /** store: makes a key beside the one in use; activate: lets it take its place, in one go; erase: forgets the old one. */
  commands(step: Extract<RotationStep, 'store' | 'activate' | 'erase'>): string[]
}
