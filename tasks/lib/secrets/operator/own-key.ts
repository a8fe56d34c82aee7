import { TaskError } from '../../cli/errors.ts'
import { registerSecret } from '../../cli/redact.ts'
import { askUntil, type Terminal } from '../../cli/terminal/ask-until.ts'
import type { KeyPlaces } from '../keys/key-source.ts'
import { keyName } from '../keys/master-key.ts'
import type { SecretProject } from '../project.ts'
import { createKey, keepPrivate, type OwnKeyType } from './create-key.ts'
import type { OwnKey } from './own-keys.ts'
import { addMember, type NewMember, publicPart } from './project-member.ts'
import type { ShownKey, ShownKeys } from './show-keys.ts'

/** The key that stands for the operator: of the wanted type, one that the project knows first; ssh keys only then. */
export function standing({ keys }: ShownKeys, type?: OwnKeyType): ShownKey | undefined {
  const fitting = keys.filter((own) => isOfType(own, type))
  return (
    fitting.find(({ name }) => name !== undefined) ??
    fitting.find((own) => !keyName(own.key).startsWith('ssh-'))
  )
}

function isOfType({ key }: ShownKey, type: OwnKeyType | undefined): boolean {
  if (type === undefined) return true
  if (key.type === 'pgp') return type.startsWith('pgp')
  return key.recipient.startsWith('age1pq1')
    ? type === 'age-pq'
    : type === 'age' && key.recipient.startsWith('age1')
}

/** Makes a key for the operator, puts it where sops looks for it, and makes it a recipient of the project. */
export async function makeOwnKey(
  type: OwnKeyType,
  { name, project, places, now }: { name: string; project: SecretProject; places: KeyPlaces; now: Date },
): Promise<OwnKey & { member: NewMember }> {
  const passphrase = type.startsWith('pgp') && places.askPassphrase ? await askNewPassphrase() : undefined
  const created = await createKey(type, { name, passphrase, now })
  const place = await keepPrivate(created, places)
  const member = await addMember(created, { name, project })
  return { key: created.key, place, member }
}

/** Makes a key that is at hand a recipient of the project. */
export async function joinWith(
  { key, name: known }: ShownKey,
  { name, project, places }: { name: string; project: SecretProject; places: KeyPlaces },
): Promise<NewMember> {
  if (known !== undefined)
    throw new TaskError(`the key at hand is that of ${known} already`, {
      hint: `to call it ${name}, rename its file in ${project.shown(project.keysFolder)}`,
    })
  return addMember(await publicPart(key, places), { name, project })
}

async function askNewPassphrase(terminal?: Terminal): Promise<string | undefined> {
  for (;;) {
    const first = await askOnce('passphrase for the new key, not shown (empty: none): ', terminal)
    if (first === '') return undefined
    registerSecret(first)
    if ((await askOnce('the same again: ', terminal)) === first) return first
  }
}

function askOnce(question: string, terminal: Terminal | undefined): Promise<string> {
  return askUntil<string>(question, { hidden: true, terminal, read: (value) => ({ value }) })
}
