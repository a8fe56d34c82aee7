import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Ran, type RunOptions, runTasks, temporaryFolder, writeFiles } from '../support/cli.ts'
import { freshAgeKey, noKeys, runSops, sopsOutput } from '../support/sops.ts'

/** A project whose secrets several people read with age keys. */
export interface Team {
  folder: string
  /** The recipient of somebody. */
  recipient(name: string): string
  /** What lets programs open files as somebody. */
  env(name: string): Record<string, string>
  tasks(name: string, args: string[], options?: Pick<RunOptions, 'input' | 'env'>): Promise<Ran>
  /** Encrypts clear text with the real sops, by the project's rules. */
  seal(path: string, clear: string): Promise<void>
  /** What the real sops decrypts as somebody; undefined where it does not open. */
  open(name: string, path: string): Promise<string | undefined>
  write(files: Record<string, string>): void
  read(path: string): string
  remove(path: string): void
  /** Content and time of every file below secrets/, and of .sops.yaml: the same where nothing was written. */
  state(): Record<string, string>
}

const secretRule = "encrypted_regex: '^(data|stringData)$'"

/** Rules that encrypt the values of Secrets, and all of other files, for these keys. */
export function rulesFor(recipients: string[], rest = secretRule): string {
  const age = `    age: >-\n      ${recipients.join(',\n      ')}\n`
  const secrets = `  - path_regex: ^secrets/.*\\.ya?ml$\n    ${rest}\n${age}`
  return `creation_rules:\n${secrets}  - path_regex: ^secrets/\n${age}`
}

export function team(names: string[]): Team {
  const keys = Object.fromEntries(names.map((name) => [name, freshAgeKey()]))
  const home = temporaryFolder()
  const folder = temporaryFolder({
    '.env': '',
    '.sops.yaml': rulesFor(names.map((name) => keys[name]!.recipient)),
    ...Object.fromEntries(names.map((name) => [`secrets/keys/${name}.age`, `${keys[name]!.recipient}\n`])),
  })
  const env = (name: string) => ({
    ...noKeys,
    HOME: home,
    XDG_CONFIG_HOME: join(home, '.config'),
    GNUPGHOME: join(home, '.gnupg'),
    ...(keys[name] && { SOPS_AGE_KEY: keys[name].identity }),
  })
  const read = (path: string) => readFileSync(join(folder, path), 'utf8')
  return {
    ...{ folder, env, read },
    recipient: (name) => keys[name]!.recipient,
    tasks: (name, args, options = {}) =>
      runTasks(args, { cwd: folder, ...options, env: { ...env(name), ...options.env } }),
    async seal(path, clear) {
      writeFiles(folder, { [path]: clear })
      await sopsOutput(['encrypt', '--in-place', path], { cwd: folder })
    },
    async open(name, path) {
      const { exitCode, stdout } = await runSops(['decrypt', path], { cwd: folder, env: env(name) })
      return exitCode === 0 ? stdout : undefined
    },
    write: (files) => writeFiles(folder, files),
    remove: (path) => rmSync(join(folder, path)),
    state: () => Object.fromEntries(filesOf(folder).map((path) => [path, stateOf(join(folder, path))])),
  }
}

/** A Secret's manifest as people write it. */
export function secretText(name: string, values: Record<string, string>): string {
  const lines = Object.entries(values).map(([key, value]) => `    ${key}: ${value}`)
  return `apiVersion: v1\nkind: Secret\nmetadata:\n    name: ${name}\nstringData:\n${lines.join('\n')}\n`
}

/** Changes one text in a file. */
export function replaceIn(folder: string, path: string, [from, to]: [string | RegExp, string]): void {
  const text = readFileSync(join(folder, path), 'utf8')
  if (text.replace(from, to) === text) throw new Error(`${path} has no ${from}`)
  writeFileSync(join(folder, path), text.replace(from, to))
}

function filesOf(folder: string): string[] {
  const below = readdirSync(join(folder, 'secrets'), { recursive: true, encoding: 'utf8' })
  const files = below.map((path) => join('secrets', path))
  return ['.sops.yaml', ...files].filter((path) => statSync(join(folder, path)).isFile()).sort()
}

function stateOf(file: string): string {
  return `${createHash('sha256').update(readFileSync(file)).digest('hex')} ${statSync(file).mtimeMs}`
}
