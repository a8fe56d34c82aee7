import type { KeyPlaces } from '../keys/key-source.ts'
import { keyIdentity, keyName } from '../keys/master-key.ts'
import { nameOf, readPeople } from '../keys/people.ts'
import type { SecretProject } from '../project.ts'
import { type OwnKey, ownKeys } from './own-keys.ts'

/** A key at hand with what it is good for in the project. */
export interface ShownKey extends OwnKey {
  /** Whose it is, as secrets/keys says; not there where the project does not know it. */
  name?: string
  /** Files that it opens. */
  opens: string[]
}

export interface ShownKeys {
  keys: ShownKey[]
  /** Encrypted files of the project. */
  files: string[]
  /** What could not be read. */
  problems: string[]
}

/** The operator's keys, and which files of the project they open. ssh keys only where they open some. */
export async function showKeys(project: SecretProject, places: KeyPlaces): Promise<ShownKeys> {
  const [own, people, recipients] = await Promise.all([
    ownKeys(places, { ssh: true, pgp: true }),
    readPeople(project.keysFolder),
    recipientsByFile(project),
  ])
  const keys = own.keys.map(({ key, place }): ShownKey => {
    const name = nameOf(people, key)
    const opens = [...recipients].filter(([, known]) => known.has(keyIdentity(key))).map(([file]) => file)
    return { key, place, opens, ...(name !== undefined && { name }) }
  })
  const isUsed = ({ key, name, opens }: ShownKey) =>
    opens.length > 0 || name !== undefined || !keyName(key).startsWith('ssh-')
  return { keys: keys.filter(isUsed), files: [...recipients.keys()], problems: own.problems }
}

// A file that cannot be read is for secrets:doctor and secrets:guard to tell of.
async function recipientsByFile(project: SecretProject): Promise<Map<string, Set<string>>> {
  const files = await project.list()
  const read = files.map(async (file) => {
    const sealed = await project.readSealed(file).catch(() => undefined)
    return sealed && ([project.shown(file), new Set(sealed.metadata.groups.flat().map(keyIdentity))] as const)
  })
  return new Map((await Promise.all(read)).filter((entry) => entry !== undefined))
}

/** One line for each key, in words. */
export function keyLines({ keys, files, problems }: ShownKeys): string[] {
  return [
    ...keys.map(({ key, place, name, opens }) => {
      const who = name ? `${name}'s key` : 'a key that this project does not know'
      const count = files.length === 0 ? '' : `, opens ${opens.length} of ${files.length} files`
      return `${who} (${key.type}) in ${place}${count}`
    }),
    ...problems.map((problem) => `not read: ${problem}`),
  ]
}
