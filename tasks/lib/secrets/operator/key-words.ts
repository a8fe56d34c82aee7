import { relative } from 'node:path'
import { keyName, type MasterKey } from '../keys/master-key.ts'
import { nameOf, type Person } from '../keys/people.ts'
import type { Access } from './access.ts'

/** What to back up, in four lines. */
export function backupLines(place: string): string[] {
  return [
    `  keep a copy of it where a broken disk does not reach: without a key nobody reads the secrets again (${place})`,
    '  on paper:                  tasks secrets:key --paper',
    '  for the day it is gone:    tasks secrets:key --break-glass    (three papers, of which two open everything)',
    '  commit .sops.yaml and secrets/keys: they hold public parts only; the key itself never goes into git',
  ]
}

/** What was made so that there is a key, in plain words; nothing where there was one. */
export function accessLines({ createdKey, joined }: Access, { root }: { root: string }): string[] {
  const shown = (file: string) => (relative(root, file).startsWith('..') ? file : relative(root, file))
  return [
    ...(createdKey
      ? [
          `there was no key yet: one was made in ${createdKey}, which only you can read`,
          ...backupLines(createdKey),
        ]
      : []),
    ...(joined ? [`${shown(joined.file)} has its public part: ${joined.name} can now be encrypted for`] : []),
    ...(joined?.further
      ? [`  ${joined.name} had another key there, which stays; --name tells two people apart`]
      : []),
    ...(joined?.ruleAdded ? [`${shown(joined.rulesFile)} says for whom secrets are encrypted`] : []),
  ]
}

/** "alice", or the key itself where it is nobody's that is known; long ones are cut. */
export function keyText(people: Person[], key: MasterKey): string {
  const name = keyName(key)
  return nameOf(people, key) ?? (name.length > 80 ? `${name.slice(0, 24)}…` : name)
}
