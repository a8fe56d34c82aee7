import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { TaskError, UsageError } from '../../cli/errors.ts'

/** Where a new secret goes: "team/db" is secrets/team/db.yaml, and the Secret is called db. */
export interface SecretName {
  /** The name of the object in the cluster. */
  name: string
  /** Absolute path of the file. */
  file: string
  /** As it is typed for other tasks: "team/db". */
  path: string
}

const endings = ['yaml', 'yml', 'json', 'env', 'ini']
const longest = 253

/** Reads what was typed after secrets:new. Throws where it cannot be the name of a Secret, or the secret exists. */
export async function newSecretName(
  typed: string,
  {
    folder,
    shown,
    ending,
    command = 'tasks secrets:new',
  }: {
    folder: string
    shown: string
    ending?: 'env'
    /** What another name is typed after. */
    command?: string
  },
): Promise<SecretName> {
  const path = typed.replace(/^(\.\/)?secrets\//, '').replace(new RegExp(`\\.(${endings.join('|')})$`), '')
  const name = path.split('/').at(-1)!
  checkFolder(path)
  checkName(name, { path, command })
  const taken = endings.find((other) => existsSync(join(folder, `${path}.${other}`)))
  if (taken)
    throw new TaskError(`${shown}/${path}.${taken} exists already: nothing was changed`, {
      hint: `to change what is in it: tasks secrets:edit ${path}`,
    })
  const file = join(folder, `${path}.${ending ?? (await usualEnding(dirname(join(folder, path)), folder))}`)
  return { name, file, path }
}

function checkFolder(path: string): void {
  const parts = path.split('/')
  if (path === '' || parts.some((part) => part === '' || part.startsWith('.')))
    throw new UsageError(`"${path}" cannot be the name of a secret`, { hint: 'tasks secrets:new keyname' })
  if (parts.length > 1 && parts[0] === 'keys')
    throw new UsageError('secrets/keys holds the public keys of people, no secrets', {
      hint: `tasks secrets:new ${parts.slice(1).join('/')}`,
    })
}

// Source: RFC 1123 as Kubernetes reads it for names of Secrets.
function checkName(name: string, { path, command }: { path: string; command: string }): void {
  const isName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(name)
  if (isName && name.length <= longest) return
  const meant = name
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .replace(/\.\.+/g, '.')
    .replace(/^[-.]+|[-.]+$|-(?=\.)|(?<=\.)-/g, '')
    .slice(0, longest)
  const message = `${name} cannot be the name of a Secret: it takes lower-case letters, digits, "-" and "."`
  const better = `${path.slice(0, path.length - name.length)}${meant}`
  throw new UsageError(message, {
    hint: meant ? `did you mean ${command} ${better}?` : `for example: ${command} keyname`,
  })
}

// .yml where only such files are there; beside its neighbours, else as in the whole of secrets/.
async function usualEnding(...folders: string[]): Promise<'yaml' | 'yml'> {
  for (const folder of folders) {
    const names = await readdir(folder).catch((): string[] => [])
    if (names.some((name) => name.endsWith('.yaml'))) return 'yaml'
    if (names.some((name) => name.endsWith('.yml'))) return 'yml'
  }
  return 'yaml'
}
