import { existsSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TaskError, UsageError } from '../../cli/errors.ts'
import { sealedMode, writeAtomically } from '../files/write.ts'
import type { AgeKey, PgpKey } from '../keys/master-key.ts'
import { addRecipient } from '../rules/write.ts'

/** The public part of a key under a person's name. */
export interface Member {
  name: string
  key: AgeKey | PgpKey
  ending: 'age' | 'asc'
  publicText: string
}

export interface Joined {
  /** The file with the public part, absolute. */
  file: string
  /** The name had another key before, which stays. */
  further: boolean
  /** False where the rules had the key already. */
  ruleAdded: boolean
}

/**
 * Makes a key a recipient of the project: its public part goes to keys/NAME, and to the creation rules that take the
 * given paths. What is encrypted already does not change.
 */
export async function joinProject(
  member: Member,
  { keysFolder, rulesFile, paths }: { keysFolder: string; rulesFile: string; paths?: string[] },
): Promise<Joined> {
  checkPersonName(member.name)
  const file = join(keysFolder, `${member.name}.${member.ending}`)
  const before = existsSync(file) ? await readFile(file, 'utf8') : ''
  const text = fileText(before, { ...member, file })
  const comment = member.name
  // The rules first: they may refuse, and a public key without a rule would only look like access.
  const ruleAdded = await addRecipient(rulesFile, member.key, { comment, ...(paths && { paths }) })
  await mkdir(keysFolder, { recursive: true })
  if (text !== before) await writeAtomically(file, Buffer.from(text), { mode: sealedMode })
  return { file, further: before !== '' && text !== before, ruleAdded }
}

/** Throws where it cannot be the name of a file for a person's keys. */
export function checkPersonName(name: string): void {
  const problem = personNameProblem(name)
  if (problem === undefined) return
  const meant = name.replace(/[^\w.@+-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '')
  throw new UsageError(problem, { hint: meant ? `did you mean --name ${meant}?` : '--name alice' })
}

/** What is wrong with a name; undefined for a good one. */
export function personNameProblem(name: string): string | undefined {
  if (/^[A-Za-z0-9][\w.@+-]{0,99}$/.test(name)) return undefined
  return `"${name}" cannot be a name here: letters, digits, ".", "_", "@", "+" and "-"`
}

function fileText(before: string, { name, key, publicText, file }: Member & { file: string }): string {
  if (key.type === 'age') {
    if (before.split(/\s+/).includes(key.recipient)) return before
    const space = before === '' || before.endsWith('\n') ? '' : '\n'
    return `${before}${space}${publicText}`
  }
  if (before === '' || before === publicText) return publicText
  throw new TaskError(`there is another key of ${name} already`, {
    file,
    hint: `give this one another name: --name ${name}-2`,
  })
}
