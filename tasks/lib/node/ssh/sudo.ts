import { TaskError } from '../../cli/errors.ts'
import { askHidden } from '../../cli/terminal/prompts.ts'
import type { SshHost } from './hosts.ts'

/** What sudo said where a script did not begin. */
export type Refusal = { kind: 'password' } | { kind: 'error'; error: TaskError }

/** Reads why no script began; undefined where sudo is not the reason. */
export function sudoRefusal(stderr: string, { name, label }: SshHost): Refusal | undefined {
  if (/sudo: .*(password is required|authentication is required)/.test(stderr)) return { kind: 'password' }
  const found = refusals.find(([pattern]) => pattern.test(stderr))
  if (!found) return undefined
  const [, text, hint] = found
  return { kind: 'error', error: new TaskError(`${label}: ${text}`, { hint: hint.replace('NAME', name) }) }
}

const refusals: [pattern: RegExp, text: string, hint: string][] = [
  [/must have a tty|no tty present/, 'sudo wants a terminal', 'on NAME take requiretty out: visudo'],
  [
    /not in the sudoers file|is not allowed to (execute|run)|may not run sudo/,
    'the user may not become root by sudo',
    'on NAME give the right to: usermod -aG sudo USER; or set ssh.user in cluster.yaml',
  ],
  [
    /(sudo: (command )?not found|exec: sudo: .*not found)/,
    'sudo is not installed',
    'on NAME, as root: apt install sudo; or set ssh.user: root in cluster.yaml',
  ],
  [
    /incorrect password|no password was provided|Sorry, try again|Authentication failed/,
    'sudo does not take this password',
    'run the command again; nothing was changed there',
  ],
]

/** The operator's password, asked once for all machines, and only proven ones are used. */
export interface Passwords {
  /** Asks, and proves it there by `check`; throws where it is wrong. */
  for(host: SshHost, check: (password: string) => Promise<void>): Promise<string>
}

/** Keeps passwords in memory for as long as this object lives. */
export function createPasswords(question: (text: string) => Promise<string> = hidden): Passwords {
  const proven = new Map<string, Promise<string>>()
  let asked: Promise<string> | undefined
  let first: Promise<void> | undefined
  const prove = async (host: SshHost, check: (password: string) => Promise<void>) => {
    asked ??= question(`password for sudo on ${host.label} and the other machines:`)
    const password = await asked
    // The others wait for the first: a wrong one must not count against twenty accounts.
    const earlier = first
    first ??= check(password)
    await first
    if (earlier) await check(password)
    return password
  }
  return {
    for(host, check) {
      const known = proven.get(host.name) ?? prove(host, check)
      proven.set(host.name, known)
      return known
    },
  }
}

function hidden(text: string): Promise<string> {
  return askHidden(text, { option: 'NOPASSWD in sudoers of the machine' })
}
