import { join } from 'node:path'
import { TaskError } from '../../cli/errors.ts'
import type { KeyPlaces } from '../keys/key-source.ts'
import type { AgeKey, PgpKey } from '../keys/master-key.ts'
import { runGpg } from '../keys/pgp/gpg-process.ts'
import type { SecretProject } from '../project.ts'
import { adoptRecipients } from './adopt-recipients.ts'
import type { CreatedKey } from './create-key.ts'
import { checkPersonName, type Joined, joinProject } from './join-project.ts'

/** Somebody who can be encrypted for from now on. */
export interface NewMember extends Joined {
  name: string
  rulesFile: string
}

/** Makes a new key a recipient of everything in secrets/ under a name. */
export async function addMember(
  { key, ending, publicText }: Omit<CreatedKey, 'privateText'>,
  { name, project }: { name: string; project: SecretProject },
): Promise<NewMember> {
  checkPersonName(name)
  const rules = (await project.rules()) ?? (await adoptRecipients(project))
  const rulesFile = rules?.file ?? join(project.root, '.sops.yaml')
  const { keysFolder } = project
  const joined = await joinProject({ name, key, ending, publicText }, { keysFolder, rulesFile })
  return { ...joined, name, rulesFile }
}

/** The public part of a key that is there already, as it goes into secrets/keys. */
export async function publicPart(
  key: AgeKey | PgpKey,
  places: KeyPlaces,
): Promise<Omit<CreatedKey, 'privateText'>> {
  if (key.type === 'age') return { key, ending: 'age', publicText: `${key.recipient}\n` }
  const exported = await runGpg(['--batch', '--armor', '--export', key.fp], { places })
  const publicText = exported.stdout.toString()
  if (exported.exitCode === 0 && publicText !== '') return { key, ending: 'asc', publicText }
  throw new TaskError(`gpg gave no public key of ${key.fp}: ${exported.said}`)
}
