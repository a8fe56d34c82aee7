import { readFile, realpath } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { Output } from '../cli/output.ts'
import { environment } from '../config/environment.ts'
import { registerClearValues } from './clear-values.ts'
import { type Opened, openDocument, parseSealed } from './engine.ts'
import { SecretError } from './errors.ts'
import { findSecretFiles, keysFolderName, secretFileNamed } from './files/secret-files.ts'
import { createKeyring, type Keyring } from './keys/keyring.ts'
import { keyPlaces } from './keys/places.ts'
import type { Policy } from './rules/policy.ts'
import { findRules, type Rules } from './rules/rules.ts'
import { fileTypeOf } from './stores/stores.ts'

/** The secret files of a project, its rules, and the keys at hand. */
export interface SecretProject {
  root: string
  /** root/secrets; may be a link into another repository. */
  folder: string
  /** Public keys of people: NAME.age, NAME.pub, NAME.asc. */
  keysFolder: string
  /** One for the whole run: identities are read once. */
  keyring: Keyring
  /** The .sops.yaml that counts, read once; its warnings are told. */
  rules(): Promise<Rules | undefined>
  /** How a new file is encrypted. Throws a SecretError where no rule says it. */
  policyFor(file: string): Promise<Policy>
  /** The path of a file by its name or path. */
  find(name: string): Promise<string>
  /** Absolute paths of all secret files, sorted. */
  list(): Promise<string[]>
  /** Reads an encrypted file without opening it. */
  readSealed(file: string): Promise<Opened['document']>
  /** Opens a file; its values are kept out of all output from then on. */
  open(file: string, options?: { ignoreMac?: boolean }): Promise<Opened>
  /** A path as people name it. */
  shown(file: string): string
}

export interface ProjectOptions {
  root: string
  output: Pick<Output, 'findings'>
  signal?: AbortSignal
}

/** The secrets of the project in a folder. Reads nothing before it is asked. */
export function secretProject({ root, output, signal }: ProjectOptions): SecretProject {
  const folder = join(root, 'secrets')
  const keysFolder = join(folder, keysFolderName)
  const keyring = createKeyring(keyPlaces({ publicKeys: [keysFolder], signal }))
  const shown = (file: string) => (relative(root, file).startsWith('..') ? file : relative(root, file))
  const readSealed = async (file: string) =>
    parseSealed(await bytesOf(file, shown(file)), { file: shown(file), type: fileTypeOf(file) })
  let known: Promise<Rules | undefined> | undefined
  const rules = () => {
    known ??= projectRules({ root, folder, output })
    return known
  }
  return {
    ...{ root, folder, keysFolder, keyring, rules, readSealed, shown },
    policyFor: async (file) => policyFor(file, await rules(), { shown }),
    find: (name) => secretFileNamed(folder, name, { root }),
    list: () => findSecretFiles(folder),
    async open(file, { ignoreMac } = {}) {
      const document = await readSealed(file)
      const opened = await openDocument(document, { file: shown(file), keyring, ignoreMac })
      registerClearValues(opened)
      return opened
    },
  }
}

// A repository of secrets that is linked to may bring rules of its own, for those who work in it with sops.
async function projectRules({
  root,
  folder,
  output,
}: Pick<ProjectOptions, 'root' | 'output'> & { folder: string }): Promise<Rules | undefined> {
  const config = environment().SOPS_CONFIG
  const rules =
    (await findRules(root, { config })) ?? (await findRules(await realpath(folder).catch(() => folder)))
  if (rules) output.findings(rules.findings)
  return rules
}

async function policyFor(
  file: string,
  rules: Rules | undefined,
  { shown }: Pick<SecretProject, 'shown'>,
): Promise<Policy> {
  if (rules) return rules.policyFor(await rules.pathOf(file))
  const message = `${shown(file)} cannot be encrypted: there is no .sops.yaml that says for whom`
  throw new SecretError(message, { code: 'generic', hint: 'create a key and the rules: tasks secrets:key' })
}

async function bytesOf(file: string, shown: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    const message = missing ? 'is not there' : `cannot be read: ${(error as Error).message}`
    throw new SecretError(message, { code: missing ? 'noFile' : 'readInput', file: shown, cause: error })
  }
}
