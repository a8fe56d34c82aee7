import { rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { type ChildLimits, type Finished, runChild } from '../../cli/process/child.ts'
import { childEnvironment } from '../../cli/process/child-environment.ts'
import { quoteAll } from '../../cli/process/quote.ts'
import { environment } from '../../config/environment.ts'
import { clientConfig } from './client-config.ts'
import type { SshHost } from './hosts.ts'
import { privateFolder } from './private-folder.ts'

/** The OpenSSH client with settings of our own. */
export interface SshClient {
  /** Runs it to its end: words before the host's name, the name, words after it. */
  run(words: string[], limits?: ChildLimits & { input?: Buffer | Readable }): Promise<Finished>
  /** The whole command line, for a program that stays. */
  argv(words: string[]): Promise<string[]>
  environment: Record<string, string>
  /** Where a host's shared connection listens. */
  socket(name: string): Promise<string>
  /** Removes what it put on the disk: settings, pinned keys, sockets. */
  close(): Promise<void>
}

export interface SshClientOptions {
  hosts: SshHost[]
  program: readonly string[]
  identity?: string
  /** Text of the project's known_hosts. */
  knownHosts: string
}

/** Puts nothing on the disk before the first command. */
export function createClient(options: SshClientOptions): SshClient {
  let opening: Promise<string> | undefined
  const folder = () => {
    opening ??= writeSettings(options)
    return opening
  }
  const argv = async (words: string[]) => [...options.program, '-F', join(await folder(), 'config'), ...words]
  const env = childEnvironment({ LC_ALL: 'C', SSH_AUTH_SOCK: environment().SSH_AUTH_SOCK })
  return {
    argv,
    environment: env,
    socket: async (name) => socketPath(await folder(), { name, hosts: options.hosts }),
    async run(words, { input, ...limits } = {}) {
      const whole = await argv(words)
      return runChild({ line: quoteAll(whole), argv: whole, env, input }, limits)
    },
    async close() {
      if (opening) await rm(await opening, { recursive: true, force: true })
      opening = undefined
    },
  }
}

async function writeSettings({ hosts, identity, knownHosts }: SshClientOptions): Promise<string> {
  const folder = await privateFolder()
  const config = clientConfig(hosts, {
    knownHosts: join(folder, 'known_hosts'),
    identity,
    controlPath: ({ name }) => socketPath(folder, { name, hosts }),
    include: [join(homedir(), '.ssh/config'), '/etc/ssh/ssh_config'],
  })
  await writeFile(join(folder, 'known_hosts'), knownHosts, { mode: 0o600 })
  await writeFile(join(folder, 'config'), config, { mode: 0o600 })
  return folder
}

// A number, not a name: it has to be short.
function socketPath(folder: string, { name, hosts }: { name: string; hosts: SshHost[] }): string {
  return join(folder, String(hosts.findIndex((host) => host.name === name)))
}
