import type { Place } from '../../../cli/errors.ts'

export type Scalar = string | number | boolean | null

/** A value of Ansible's files and where it stands. */
export interface Placed {
  place: Place
  content: Scalar | Placed[] | Settings
  /** Encrypted with ansible-vault: nobody looks inside. */
  isVault?: boolean
}

/** Named values, in the order of their file. */
export type Settings = ReadonlyMap<string, Placed>

/** The named values of a map; undefined for a list or a scalar. */
export function settingsOf(value: Placed | undefined): Settings | undefined {
  return value?.content instanceof Map ? value.content : undefined
}

/** A scalar as text; undefined for a list, a map and null. */
export function textOf(value: Placed | undefined): string | undefined {
  const content = value?.content
  if (content === undefined || content === null || typeof content === 'object') return undefined
  return String(content)
}
