import { extname } from 'node:path'
import type { Finding } from '../../cli/errors.ts'
import { keyPlaces } from '../keys/places.ts'
import type { SecretName } from '../new/secret-name.ts'
import { checkKeys } from '../new/secret-values.ts'
import { writeSecret } from '../new/write-secret.ts'
import { type Access, accessFor } from '../operator/access.ts'
import type { SecretProject } from '../project.ts'
import { fileTypeOf, storeOf } from '../stores/stores.ts'
import { type Place, placeFor } from './place.ts'
import { replaceClear } from './replace-clear.ts'
import type { ImportedSecret } from './secret-object.ts'
import { secretTree } from './secret-tree.ts'

export interface ImportOptions {
  /** Replace what is there. */
  force: boolean
  /** The operator's name, for a key that has to be made. */
  person: string
  dryRun: boolean
  now: Date
  signal: AbortSignal
}

export interface Imported {
  name: SecretName
  /** In Kubernetes' words; not there for a file that was taken as it is. */
  type?: string
  keys: string[]
  /** Not there where the file was there before. */
  access?: Access
  outcome: 'written' | 'replaced' | 'unchanged' | 'not written'
  findings: Finding[]
}

/** Writes a Secret into an encrypted manifest of its name. */
export async function importSecret(
  secret: ImportedSecret & { name: string },
  options: ImportOptions & { project: SecretProject },
): Promise<Imported> {
  const keys = Object.keys(secret.values)
  checkKeys(keys)
  const place = await placeFor(secret.name, options)
  const tree = secretTree({ ...secret, name: place.name.name })
  const bytes = (await storeOf(fileTypeOf(place.name.file))).emit({ branches: [tree] })
  const done = await write(bytes, { ...options, place, tree })
  return {
    name: place.name,
    type: secret.type,
    keys,
    ...done,
    findings: [...secret.findings, ...done.findings],
  }
}

/** Encrypts a file as it is: layout, comments and kind stay. */
export async function importFile(
  bytes: Uint8Array,
  { name, file, ...options }: ImportOptions & { project: SecretProject; name: string; file: string },
): Promise<Imported> {
  const place = await placeFor(name, { ...options, ending: extname(file) })
  return { name: place.name, keys: [], ...(await write(bytes, { ...options, place })) }
}

type Writing = ImportOptions & {
  project: SecretProject
  place: Place
  tree?: Parameters<typeof replaceClear>[1]['tree']
}

async function write(
  bytes: Uint8Array,
  { project, place, tree, person, dryRun, now, signal }: Writing,
): Promise<Pick<Imported, 'access' | 'outcome' | 'findings'>> {
  const { file } = place.name
  if (dryRun) return { outcome: 'not written', findings: [] }
  signal.throwIfAborted()
  if (place.isTaken) return { outcome: await replaceClear(bytes, { file, project, tree, now }), findings: [] }
  const places = keyPlaces({ publicKeys: [project.keysFolder], signal })
  const access = await accessFor(file, { project, places, name: person, now })
  await writeSecret(bytes, { file, shown: project.shown(file), access, keyring: project.keyring, now })
  return { access, outcome: 'written', findings: access.findings }
}
