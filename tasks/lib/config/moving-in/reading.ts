import type { Finding, Place } from '../../cli/errors.ts'
import { placeText } from '../../cli/errors.ts'
import { type FormatName, formatNamed } from '../variables/formats.ts'
import type { Ansible } from './ansible/ansible.ts'
import type { HostScope } from './ansible/host-scope.ts'
import { resolveTemplate, Unresolved } from './ansible/jinja.ts'
import { type Placed, type Settings, settingsOf, textOf } from './ansible/placed.ts'
import type { Checkout } from './checkout.ts'
import type { Make } from './make/make-variables.ts'

/** A value for the new files and the comment that says where it comes from. */
export interface Taken<T = string> {
  value: T
  from: string
}

/** All that was read of the old toolkit, before it is understood. */
export interface OldToolkit {
  checkout: Checkout
  ansible: Ansible
  make: Make
  findings: Finding[]
}

/** What is wanted of a value of the old files. */
export interface Wanted {
  /** Says which value it is: "luks_volumes.volkube.size". */
  name: string
  format?: FormatName
  /** What to do where it cannot be taken over. */
  hint: string
  findings: Finding[]
}

/** The value as text of the wanted form; otherwise a finding, and undefined. */
export function takeText(value: Placed | undefined, scope: HostScope, wanted: Wanted): Taken | undefined {
  const settled = settle(value, scope, wanted)
  if (!settled) return undefined
  const text = textOf(settled)
  const format = formatNamed(wanted.format ?? 'text')
  if (settled.content === null) return leave(value!.place, `is empty, expected ${format.expected}`, wanted)
  if (text !== undefined && format.accepts(text)) return { value: text, from: placeText(value!.place) }
  const said = text === undefined ? 'holds a list or a map' : `is "${text}"`
  return leave(value!.place, `${said}, expected ${format.expected}`, wanted)
}

/** The named values below one value; a finding where it is something else. */
export function takeSettings(
  value: Placed | undefined,
  scope: HostScope,
  wanted: Wanted,
): Settings | undefined {
  const settled = settle(value, scope, wanted)
  if (!settled || settled.content === null) return undefined
  return settingsOf(settled) ?? leave(value!.place, 'is no map, expected NAME: value', wanted)
}

/** The texts of a list, or the keys of a map, as old variable files write either. */
export function takeList(value: Placed | undefined, scope: HostScope, wanted: Wanted): Taken[] {
  const settled = settle(value, scope, wanted)
  if (!settled || settled.content === null) return []
  const names = settingsOf(settled)
  if (names) return [...names].map(([name, { place }]) => ({ value: name, from: placeText(place) }))
  if (!Array.isArray(settled.content)) return leave(value!.place, 'is no list', wanted) ?? []
  return settled.content.flatMap((item) => takeText(item, scope, wanted) ?? [])
}

/** Notes that a value is not taken over, and why. */
export function leave(place: Place, why: string, { name, hint, findings }: Wanted): undefined {
  findings.push({ severity: 'warning', ...place, message: `${name} ${why}`, hint })
  return undefined
}

function settle(value: Placed | undefined, scope: HostScope, wanted: Wanted): Placed | undefined {
  if (!value) return undefined
  try {
    return resolveTemplate(value, scope)
  } catch (error) {
    if (error instanceof Unresolved) return leave(error.place, error.message, wanted)
    throw error
  }
}
