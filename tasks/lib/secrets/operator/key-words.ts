import { type AgeKey, keyName, type MasterKey, type PgpKey } from '../keys/master-key.ts'
import { nameOf, type Person } from '../keys/people.ts'
import type { SecretProject } from '../project.ts'
import type { Access } from './access.ts'
import type { NewMember } from './project-member.ts'

/** What to back up, in four lines. */
export function backupLines({ place, key }: { place: string; key: AgeKey | PgpKey }): string[] {
  const paper =
    key.type === 'age' ? 'tasks secrets:key --paper' : `gpg --armor --export-secret-keys ${key.fp}`
  return [
    `  keep a copy of it where a broken disk does not reach: without a key nobody reads the secrets again (${place})`,
    `  on paper:                  ${paper}`,
    '  for the day it is gone:    tasks secrets:key --break-glass    (three papers, of which two open everything)',
    '  commit .sops.yaml and secrets/keys: they hold public parts only; the key itself never goes into git',
  ]
}

/** What was made so that there is a key, in plain words; nothing where there was one. */
export function accessLines({ createdKey, joined }: Access, project: Pick<SecretProject, 'shown'>): string[] {
  const created = `there was no key yet: one was made in ${createdKey?.place}, which only you can read`
  return [
    ...(createdKey ? [created, ...backupLines(createdKey)] : []),
    ...(joined ? memberLines(joined, project) : []),
  ]
}

/** Where a new recipient stands now. */
export function memberLines(
  { name, file, further, ruleAdded, rulesFile }: NewMember,
  { shown }: Pick<SecretProject, 'shown'>,
): string[] {
  return [
    `${shown(file)} has the public part of ${name}`,
    ...(further ? [`  beside another one of ${name}, which stays; --name tells two people apart`] : []),
    ruleAdded
      ? `${shown(rulesFile)} says that secrets are encrypted for ${name}`
      : `${shown(rulesFile)} had it already`,
  ]
}

/** "alice", or the key itself where it is nobody's that is known; long ones are cut. */
export function keyText(people: Person[], key: MasterKey): string {
  const name = keyName(key)
  return nameOf(people, key) ?? (name.length > 80 ? `${name.slice(0, 24)}…` : name)
}
