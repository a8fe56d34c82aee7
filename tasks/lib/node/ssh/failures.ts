import { existsSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { TaskError } from '../../cli/errors.ts'
import { redact } from '../../cli/redact.ts'
import { UnreachableError } from '../errors.ts'
import type { SshHost } from './hosts.ts'
import { fingerprint, type HostKey } from './known-hosts.ts'
import type { Login } from './scan.ts'

/** What can be found out about a host that could not be logged in to. */
export interface Evidence {
  /** Keys that known_hosts has for it. */
  pinned: HostKey[]
  /** Keys that it shows now. */
  shown(): Promise<HostKey[]>
  login(): Promise<Login>
}

/** Why no connection came about, from what ssh said, with the next thing to type. */
export async function connectFailure(
  host: SshHost,
  { stderr, evidence }: { stderr: string; evidence: Evidence },
): Promise<TaskError> {
  if (/Host key verification failed|No .* host key is known/.test(stderr)) return keyFailure(host, evidence)
  if (/Bad configuration option|bad configuration options/.test(stderr)) return settingsFailure(host, stderr)
  if (/Permission denied|Too many authentication failures/.test(stderr))
    return loginFailure(host, await evidence.login())
  const { address, port } = await evidence.login()
  const place = `${address} port ${port}`
  for (const [pattern, text, hint] of host.via ? [behindBastion, ...silences] : silences) {
    if (pattern.test(stderr))
      return new UnreachableError(host.name, `${host.label}: ${text.replace('PLACE', place)}`, {
        hint: hint.replace('NAME', host.name).replace('SETTING', host.setting),
      })
  }
  const said = lastWords(stderr) || 'ssh said nothing'
  return new UnreachableError(host.name, `${host.label}: no connection to ${place}: ${said}`, {
    hint: `look whether it runs and is reached: ssh -v ${host.name}`,
  })
}

type Silence = [pattern: RegExp, text: string, hint: string]

// The bastion's own connection is open: what it did not pass on is all that is told.
const behindBastion: Silence = [
  /stdio forwarding failed|open failed|Connection closed/,
  'the bastion cannot reach PLACE',
  'look from the bastion whether it answers: ping NAME',
]

const silences: Silence[] = [
  [/Could not resolve hostname/, 'its name is not known here', 'give its address in cluster.yaml: SETTING'],
  [/Connection refused/, 'nobody listens at PLACE', 'start its SSH server, or give its port in cluster.yaml'],
  [
    /timed out|No route to host|Network is unreachable|Host is down/,
    'no answer from PLACE',
    'look whether it is switched on and connected: ping NAME',
  ],
]

async function keyFailure({ name, label }: SshHost, { pinned, shown }: Evidence): Promise<TaskError> {
  const keys = await shown()
  const seen = keys.length === 0 ? 'none that could be read' : keys.map(keyText).join(', ')
  if (pinned.length === 0)
    return new TaskError(`${label}: its host key is not known: recorded none, shown ${seen}`, {
      file: 'known_hosts',
      hint: `compare it with the machine's own, then: tasks node:trust ${name}`,
    })
  const recorded = pinned.map(keyText).join(', ')
  return new TaskError(`${label}: its host key is another one: recorded ${recorded}, shown ${seen}`, {
    file: 'known_hosts',
    hint: `if the machine was set up anew: tasks node:trust ${name}; otherwise somebody answers in its place`,
  })
}

/** "ed25519 SHA256:…" */
export function keyText(key: HostKey): string {
  return `${key.type.replace(/^ssh-/, '')} ${fingerprint(key)}`
}

function settingsFailure({ label }: SshHost, stderr: string): TaskError {
  return new TaskError(`${label}: your own settings of ssh cannot be read: ${lastWords(stderr)}`, {
    hint: 'correct ~/.ssh/config or /etc/ssh/ssh_config: ssh -G localhost',
  })
}

function loginFailure({ name, label }: SshHost, { user, identities }: Login): TaskError {
  const present = identities.map((file) => file.replace(/^~/, homedir())).filter((file) => existsSync(file))
  const tried = present.length > 0 ? present.join(', ') : 'any key file'
  const open = present.find((file) => (statSync(file).mode & 0o077) !== 0)
  const hint = open
    ? `ssh takes no key that others may read: chmod 600 ${open}`
    : `bring a public key there: ssh-copy-id ${user}@${name}; or set ssh.user and ssh.identity in cluster.yaml`
  const missing = identities.length === 1 && present.length === 0 ? `: ${identities[0]} is missing` : ''
  const text = `${label}: user ${user} may not log in with ${tried}, nor with a key of the agent${missing}`
  return new TaskError(text, { hint })
}

/** The end of what a program said, as a cause. */
export function lastWords(stderr: string): string {
  return redact(stderr).trimEnd().split('\n').slice(-10).join('\n')
}
