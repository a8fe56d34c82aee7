import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { quoteAll } from '../../tasks/lib/cli/process/quote.ts'
import { planSetup } from '../../tasks/lib/secrets/git/setup.ts'
import { tasksWords, temporaryFolder, writeFiles } from './cli.ts'
import { freshAgeKey, sops } from './sops.ts'

/** How a shell starts `tasks`. */
export const tasksInShell = quoteAll([process.execPath, ...tasksWords()])

/** A git repository with one age key at hand, which git, sops and tasks in it find. */
export interface SecretRepository {
  folder: string
  recipient: string
  git(...argv: string[]): SpawnSyncReturns<string>
  /** The same without any key at hand. */
  keyless(...argv: string[]): SpawnSyncReturns<string>
  shell(line: string): SpawnSyncReturns<string>
  write(files: Record<string, string>): void
  read(path: string): string
  encrypt(path: string, clear: string, flags?: string[]): void
  /** Sets one value with the real sops. */
  set(path: string, key: string, value: unknown): void
  /** Removes one value with the real sops. */
  unset(path: string, key: string): void
  decrypt(path: string): string
  commit(message: string): void
}

export function secretRepository(): SecretRepository {
  const folder = temporaryFolder()
  const home = temporaryFolder()
  const { identity, recipient } = freshAgeKey()
  const keyless = {
    PATH: process.env.PATH,
    HOME: home,
    XDG_CONFIG_HOME: home,
    GIT_CONFIG_NOSYSTEM: '1',
    LC_ALL: 'C',
  }
  const env = { ...keyless, SOPS_AGE_KEY: identity }
  const start = (program: string, argv: string[], options = {}) =>
    spawnSync(program, argv, { cwd: folder, env, encoding: 'utf8', ...options })
  const works = (ran: SpawnSyncReturns<string>) => {
    if (ran.status !== 0) throw new Error(`${ran.stdout}${ran.stderr}`)
    return ran.stdout
  }
  const person = ['-c', 'user.name=a', '-c', 'user.email=a@example.org', '-c', 'core.editor=true']
  const git = (...argv: string[]) => start('git', [...person, ...argv])
  const repository: SecretRepository = {
    ...{ folder, recipient, git },
    keyless: (...argv) => start('git', [...person, ...argv], { env: keyless }),
    shell: (line) => start('/bin/sh', ['-c', line]),
    write: (files) => writeFiles(folder, files),
    read: (path) => readFileSync(join(folder, path), 'utf8'),
    encrypt(path, clear, flags = []) {
      const argv = ['encrypt', '--age', recipient, ...flags, '--filename-override', path]
      writeFiles(folder, { [path]: works(start(sops, argv, { input: clear })) })
    },
    set: (path, key, value) => void works(start(sops, ['set', path, key, JSON.stringify(value)])),
    unset: (path, key) => void works(start(sops, ['unset', path, key])),
    decrypt: (path) => works(start(sops, ['decrypt', path])),
    commit(message) {
      works(git('add', '-A'))
      works(git('commit', '-qm', message))
    },
  }
  works(git('init', '-q', '-b', 'main'))
  return repository
}

/** The same, with git set up by us. */
export async function preparedRepository(): Promise<SecretRepository> {
  const repository = secretRepository()
  const { changes } = await planSetup({ cwd: repository.folder, command: tasksInShell })
  for (const { run } of changes) await run()
  return repository
}
