import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { TaskError } from '../../cli/errors.ts'
import type { KeyPlaces } from '../keys/key-source.ts'
import type { SecretProject } from '../project.ts'
import { createKey, keepPrivate, type OwnKeyType } from './create-key.ts'
import { addMember, type NewMember } from './project-member.ts'

/** A recipient of its own for CI, with the private part to be stored there. */
export interface CiKey {
  member: NewMember
  /** For age the identity; for PGP the subkeys only, so that CI can decrypt and can do nothing else with the key. */
  privateText: string
  /** How CI is given it. */
  use: string
}

/** Makes a key for CI. The whole of a PGP key stays in the operator's keyring, to extend or revoke it. */
export async function makeCiKey(
  name: string,
  { type, project, places, now }: { type: OwnKeyType; project: SecretProject; places: KeyPlaces; now: Date },
): Promise<CiKey> {
  const taken = ['age', 'asc'].find((ending) => existsSync(join(project.keysFolder, `${name}.${ending}`)))
  if (taken)
    throw new TaskError(`there is a key of ${name} already: its private part cannot be printed again`, {
      file: project.shown(join(project.keysFolder, `${name}.${taken}`)),
      hint: `for another one: tasks secrets:key --ci ${name}-2`,
    })
  const created = await createKey(type, { name, now })
  if (created.key.type === 'pgp') await keepPrivate(created, places)
  const member = await addMember(created, { name, project })
  if (created.key.type === 'age')
    return { member, privateText: created.privateText, use: 'store it in CI as the secret SOPS_AGE_KEY' }
  const { subkeysOnly } = await import('../keys/pgp/subkeys-only.ts')
  const privateText = await subkeysOnly(created.privateText)
  return { member, privateText, use: 'store it as a secret of CI, and there: gpg --import < FILE' }
}
