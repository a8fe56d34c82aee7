import { TaskError } from '../../cli/errors.ts'
import { UnreachableError } from '../errors.ts'
import type { ScriptOptions } from '../machine.ts'
import type { Channels } from './channels.ts'
import type { SshClient } from './client.ts'
import type { Connection } from './connection.ts'
import { lastWords } from './failures.ts'
import { askingSudo } from './frame.ts'
import { type Passwords, sudoRefusal } from './sudo.ts'

/** All that a script needs to get to its host. */
export interface Session {
  client: SshClient
  connection: Connection
  channels: Channels
  passwords: Passwords
  /** Set when sudo there is known to ask. */
  password?: string
  /** Of the run: nothing new is started when it is aborted. */
  signal: AbortSignal
}

/** How an attempt ended that may not have begun the script. */
export interface Attempt {
  started: boolean
  exitCode: number | null
  stderr: string
  /** Set where we ended it. */
  stopped?: string
}

/** The words that open a session. Were the shared connection gone, ssh must not make one of its own. */
export function sessionWords({ connection }: Session, command: string): string[] {
  return ['-o', 'ProxyCommand=false', connection.host.name, command]
}

/**
 * Attempts until the script began: the connection may have gone since it was last used, sudo may ask for a password,
 * sshd may allow fewer sessions. Only what surely did not begin is attempted again.
 */
export async function withSession<T extends Attempt>(
  session: Session,
  { signal, title, attempt }: Pick<ScriptOptions, 'signal' | 'title'> & { attempt(): Promise<T> },
): Promise<T> {
  const either = AbortSignal.any([session.signal, ...(signal ? [signal] : [])])
  for (let count = 1; ; count++) {
    const giveBack = await session.channels.take(either)
    try {
      await session.connection.open()
      either.throwIfAborted()
      const result = await attempt()
      if (result.started || result.stopped) return result
      await mend(result, { session, title, isLast: count >= 4 })
    } finally {
      giveBack()
    }
  }
}

// Comes back where another attempt may do better.
async function mend(
  { exitCode, stderr }: Attempt,
  { session, title, isLast }: { session: Session; title?: string; isLast: boolean },
): Promise<void> {
  const { host } = session.connection
  if (/Session open refused/.test(stderr) && session.channels.refused()) return
  if (/Session open refused/.test(stderr)) throw tooFewSessions(session)
  if (exitCode === 255 && /kex_exchange_identification/.test(stderr) && !isLast)
    return session.connection.lost()
  if (exitCode === 255 || exitCode === null) throw cutOff(session, title)
  const refusal = sudoRefusal(stderr, host)
  if (refusal?.kind === 'error') throw refusal.error
  if (refusal && session.password === undefined) {
    session.password = await session.passwords.for(host, (password) => provePassword(password, session))
    return
  }
  throw new TaskError(
    `${host.label}: no script can be run there: ${lastWords(stderr) || `exit code ${exitCode}`}`,
    {
      hint: `see what a login there does: ssh ${host.name} sh -c true`,
    },
  )
}

// Once, and alone: a script with a wrong password would be read as further attempts.
async function provePassword(password: string, session: Session): Promise<void> {
  const { client, connection } = session
  const words = sessionWords(session, `sh -c 'LC_ALL=C; export LC_ALL; ${askingSudo} -- true'`)
  const input = Buffer.from(`${password}\n`)
  const { exitCode, stderr } = await client.run(words, { input, timeoutSeconds: 60 })
  if (exitCode === 0) return
  const refusal = sudoRefusal(stderr, connection.host)
  if (refusal?.kind === 'error') throw refusal.error
  throw new TaskError(`${connection.host.label}: sudo failed: ${lastWords(stderr)}`, {
    hint: `try it by hand: ssh -t ${connection.host.name} sudo true`,
  })
}

/** The connection ended in the middle. */
export function cutOff({ connection: { host } }: Session, title = 'the script'): UnreachableError {
  const message = `${host.label}: the connection ended before the answer was whole: ${title} may have run`
  return new UnreachableError(host.name, message, {
    hint: 'run the same command again: what is there is read anew',
  })
}

function tooFewSessions({ connection: { host } }: Session): TaskError {
  return new TaskError(`${host.label}: its SSH server allows too few sessions on one connection`, {
    hint: `in /etc/ssh/sshd_config on ${host.name}: MaxSessions 10`,
  })
}
