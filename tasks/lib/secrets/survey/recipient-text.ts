import { keyName, type MasterKey } from '../keys/master-key.ts'
import { nameOf, type Person } from '../keys/people.ts'
import type { Access } from './drift.ts'

/** "alice", or what begins and ends the key of nobody that is known: "age age1qx3…9f2k". */
function recipientText(key: MasterKey, people: Person[]): string {
  return nameOf(people, key) ?? `${key.type} ${shortName(keyName(key))}`
}

/** Names side by side, each once, by name: "alice, bob". */
export function recipientsText(keys: MasterKey[], people: Person[]): string {
  return [...new Set(namesOf(keys, people))].join(', ')
}

/** "alice, bob", or for key groups "2 of: alice or bob; carol; dave". */
export function accessText({ groups, threshold }: Access, people: Person[]): string {
  if (groups.length <= 1) return recipientsText(groups.flat(), people)
  const texts = groups.map((group) => recipientsText(group, people).replaceAll(', ', ' or '))
  return `${threshold ?? groups.length} of: ${texts.join('; ')}`
}

/** One line for each recipient, as a plan shows who can open a file. */
export function accessLines({ groups, threshold }: Access, people: Person[]): string[] {
  if (groups.length <= 1) return namesOf(groups.flat(), people)
  const needed = `${threshold ?? groups.length} of ${groups.length} key groups are needed`
  return [
    needed,
    ...groups.flatMap((group, index) => namesOf(group, people).map((name) => `group ${index + 1}: ${name}`)),
  ]
}

// By name: a file and .sops.yaml may have them in different order.
function namesOf(keys: MasterKey[], people: Person[]): string[] {
  return keys.map((key) => recipientText(key, people)).sort()
}

function shortName(name: string): string {
  return name.length > 24 ? `${name.slice(0, 12)}…${name.slice(-6)}` : name
}
