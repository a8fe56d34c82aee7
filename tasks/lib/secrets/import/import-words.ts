import type { Finding } from '../../cli/errors.ts'
import { quote } from '../../cli/process/quote.ts'
import type { Person } from '../keys/people.ts'
import { newSecretLines } from '../new/new-secret-words.ts'
import type { SecretProject } from '../project.ts'
import type { Imported } from './import-secret.ts'

/** What became of an import, in words. */
export function importLines(
  { outcome, ...made }: Imported,
  { project, people }: { project: SecretProject; people: Person[] },
): string[] {
  const file = project.shown(made.name.file)
  if (outcome === 'unchanged') return [`${file} holds all of it already: nothing was written`]
  if (outcome === 'replaced')
    return [`${file} is written, encrypted: values that are the same kept their ciphertext`]
  const keys = made.keys.length > 0 ? made.keys : ['all of it']
  return newSecretLines({ ...made, keys }, { project, people })
}

/** The clear file is still where it was. */
export function clearSource(file: string): Finding {
  const message = 'still lies there in clear; where it was committed, it stays in git as well'
  const hint = `rm ${quote(file)}, or import it with --delete-source`
  return { severity: 'warning', message, file, hint }
}

/** The same as data. */
export function importJson({ name, type, keys, outcome, findings }: Imported, { shown }: SecretProject) {
  return { name: name.name, file: shown(name.file), type, keys, outcome, findings }
}
