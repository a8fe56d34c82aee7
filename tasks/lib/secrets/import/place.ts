import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { TaskError } from '../../cli/errors.ts'
import { newSecretName, type SecretName } from '../new/secret-name.ts'
import type { SecretProject } from '../project.ts'

/** Where an import goes. */
export interface Place {
  name: SecretName
  /** A file is there, which may be replaced. */
  isTaken: boolean
}

const manifestEndings = ['.yaml', '.yml', '.json']

/**
 * The file for a name: a manifest, or one with this ending. Throws where the name is none, or where a file is there
 * and must not be replaced.
 */
export async function placeFor(
  typed: string,
  { project, force, ending }: { project: SecretProject; force: boolean; ending?: string },
): Promise<Place> {
  const path = typed.replace(/^(\.\/)?secrets\//, '').replace(/\.(yaml|yml|json)$/, '')
  const endings = ending === undefined ? manifestEndings : [ending]
  const files = endings.map((each) => join(project.folder, `${path}${each}`))
  const taken = files.find((file) => existsSync(file))
  if (taken && !force) throw exists(project.shown(taken))
  const name = { name: path.split('/').at(-1)!, path }
  if (taken) return { name: { ...name, file: taken }, isTaken: true }
  const fresh = await newSecretName(typed, {
    folder: project.folder,
    shown: 'secrets',
    command: 'tasks secrets:import FILE --name',
  })
  return { name: ending === undefined ? fresh : { ...fresh, file: files[0]! }, isTaken: false }
}

function exists(file: string): TaskError {
  return new TaskError(`${file} exists already: nothing was changed`, {
    hint: 'another name: --name NAME; or --force replaces it, and values that are the same keep their ciphertext',
  })
}
