import type { Person } from '../keys/people.ts'
import type { Access } from '../operator/access.ts'
import { accessLines, keyText } from '../operator/key-words.ts'
import type { SecretProject } from '../project.ts'
import { accessText } from '../survey/recipient-text.ts'
import type { MadeSecret } from './new-secret.ts'

/** What is said of a new secret: what was made for it, where it is, what is in it, and who can read it. */
export function newSecretLines(
  { name, type, keys, access }: MadeSecret,
  { project, people }: { project: SecretProject; people: Person[] },
): string[] {
  const file = project.shown(name.file)
  const what = type ? `Secret ${name.name} of type ${type}` : 'variables'
  const held = `  ${keys.length === 1 ? 'key' : 'keys'}: ${keys.join(', ')}`
  if (!access) return [`${file} would be written: ${what}`, held]
  return [
    ...accessLines(access, project),
    `${file} is written, encrypted: ${what}`,
    held,
    `  can be read by: ${readersText(access, people)}`,
  ]
}

function readersText({ policy }: Access, people: Person[]): string {
  if (policy.groups.length > 1) return accessText(policy, people)
  return [...new Set(policy.groups.flat().map((key) => keyText(people, key)))].join(', ')
}
