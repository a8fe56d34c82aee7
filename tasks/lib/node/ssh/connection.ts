import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { TaskError } from '../../cli/errors.ts'
import { announceCommand } from '../../cli/process/command-log.ts'
import { installHint } from '../../cli/process/install-hints.ts'
import type { SshClient } from './client.ts'
import type { SshHost } from './hosts.ts'

/** The one connection to a host that all its scripts share. */
export interface Connection {
  host: SshHost
  /** Opens it, unless it is open. */
  open(): Promise<void>
  /** Forgets it, for the next open to make a new one: nobody listens on its socket any more. */
  lost(): Promise<void>
  close(): Promise<void>
}

export interface ConnectionOptions {
  client: SshClient
  signal: AbortSignal
  /** What goes wrong, as an error for people. */
  explain(host: SshHost, stderr: string): Promise<TaskError>
  /** The connection to go through. */
  via?: Connection
}

/** Seconds without a session after which ssh ends it, where a run was killed. */
const idleSeconds = 120

/** A connection that opens when it is first needed. */
export function createConnection(host: SshHost, options: ConnectionOptions): Connection {
  const { client } = options
  let opening: Promise<void> | undefined
  let wasOpened = false
  const isOpen = async () => wasOpened && existsSync(await client.socket(host.name))
  const openUnlessOpen = async () => {
    if (await isOpen()) return
    await startMaster(host, options)
    wasOpened = true
  }
  return {
    host,
    open() {
      opening ??= openUnlessOpen().finally(() => {
        opening = undefined
      })
      return opening
    },
    async lost() {
      await rm(await client.socket(host.name), { force: true })
    },
    async close() {
      await opening?.catch(() => {})
      if (await isOpen()) await client.run(['-O', 'exit', host.name], { timeoutSeconds: 5 })
    },
  }
}

// It goes to the background when it is logged in, and ends with 255 when it cannot.
async function startMaster(
  host: SshHost,
  { client, signal, explain, via }: ConnectionOptions,
): Promise<void> {
  await via?.open()
  const socket = await client.socket(host.name)
  await rm(socket, { force: true })
  announceCommand(`$ ssh ${host.name}`)
  const words = ['-o', 'ControlMaster=yes', '-o', `ControlPersist=${idleSeconds}`, '-N', host.name]
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted()
    const { exitCode, stderr, spawnError } = await client.run(words, { signal, timeoutSeconds: 60 })
    signal.throwIfAborted()
    if (spawnError) throw cannotStart(spawnError)
    if (exitCode === 0) return
    if (attempt === 1 && isBusy(stderr)) continue
    throw await explain(host, stderr)
  }
}

// It answered, but had too much to do: sshd drops connections when many log in at once.
function isBusy(stderr: string): boolean {
  return /banner exchange|kex_exchange_identification|Connection reset|Connection closed by/.test(stderr)
}

function cannotStart(error: NodeJS.ErrnoException): TaskError {
  if (error.code === 'ENOENT')
    return new TaskError('ssh is not installed', { hint: installHint('ssh'), cause: error })
  return new TaskError(`ssh cannot start: ${error.message}`, { cause: error })
}
