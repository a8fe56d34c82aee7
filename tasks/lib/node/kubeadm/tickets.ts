import { setTimeout as sleep } from 'node:timers/promises'
import type { Progress } from '../../cli/change.ts'
import { TaskError } from '../../cli/errors.ts'
import { registerSecret } from '../../cli/redact.ts'
import { UnreachableError } from '../errors.ts'
import type { Machine } from '../machine.ts'
import { sameEverywhere } from '../plan/frame.ts'
import { replacedMachine } from './roster.ts'
import { publicKeyHash } from './survey.ts'
import { descriptionOf, exits, type Joining, notReady, ticketScript } from './ticket-script.ts'
import { kubectl, loanDescription, patiently, tokensGone } from './tokens.ts'

/** What a control plane gives a node to join with; it is taken back afterwards. */
export interface Ticket {
  token: string
  caHash: string
  /** sha256 of the files that a further control plane must have alike. */
  digests: { file: string; sha256: string }[]
}

/** A machine that gave a ticket, and the ticket. */
export interface Issued {
  issuer: Machine
  ticket: Ticket
}

/** How long an API server may take to be ready: one that was just started, or is busy, is not for a while. */
export interface Patience {
  seconds: number
  progress?: Progress
}

/** Who may give tickets, and to whom. */
export interface TicketOffice {
  issuers: readonly Machine[]
  /** Made anew for each try. */
  joining(): Joining
  /** How long to wait for an API server that is not ready; 300 unless told. */
  patienceSeconds?: number
}

/** A ticket that an action takes when its commands run, and gives back when they have ended. */
export function ticketOf({ issuers, joining, patienceSeconds = 300 }: TicketOffice) {
  let issued: { ticket: Issued; to: Joining } | undefined
  return {
    async take(progress?: Progress): Promise<Ticket> {
      const to = joining()
      const ticket = await takeTicket(issuers, {
        joining: to,
        patience: { seconds: patienceSeconds, progress },
      })
      issued = { ticket, to }
      return ticket.ticket
    },
    async giveBack(): Promise<void> {
      const given = issued
      issued = undefined
      if (given) await returnTicket(given.ticket, given.to)
    },
  }
}

/**
 * Asks the control planes in turn, until one that works gives a ticket: one round trip where the first does. Where one of
 * them is not ready yet, they are asked again and again.
 */
export async function takeTicket(
  controlPlanes: readonly Machine[],
  { joining, patience }: { joining: Joining; patience: Patience },
): Promise<Issued> {
  const until = performance.now() + patience.seconds * 1000
  const { progress } = patience
  for (;;) {
    const told: string[] = []
    for (const issuer of controlPlanes) {
      const said = await askTicket(issuer, joining)
      if (typeof said !== 'string') return { issuer, ticket: said }
      told.push(`${issuer.label}: ${said}`)
    }
    const mayComeTrue = told.some((line) => line.includes(notReady))
    if (!mayComeTrue || performance.now() >= until) throw withoutTicket(joining, told)
    progress?.say(`waiting to join: ${told.join(', ')}`)
    await sleep(2000, undefined, { signal: progress?.signal })
  }
}

/** Takes a ticket back: its token, and certificates that were lent. An errand that fails is nobody's failure. */
export async function returnTicket({ issuer }: Issued, { name, loan, errand }: Joining): Promise<void> {
  const commands = [
    ...(loan
      ? [
          patiently(`${kubectl} -n kube-system delete secret --ignore-not-found kubeadm-certs`),
          tokensGone(loanDescription),
        ]
      : []),
    tokensGone(descriptionOf(name)),
    ...(errand ? [`(\n${errand.takingBack}\n) || true`] : []),
  ]
  await issuer.run(`set -eu; ${sameEverywhere}\n${commands.join('\n')}\n`, {
    title: `take back the token of ${name}`,
    timeoutSeconds: 600,
  })
}

async function askTicket(issuer: Machine, joining: Joining): Promise<Ticket | string> {
  const options = { input: joining.loan ?? '', allowFailure: true, timeoutSeconds: 600 }
  try {
    const title = `give ${joining.label} a token to join with`
    const { stdout, stderr, exitCode } = await issuer.run(ticketScript(joining), { ...options, title })
    if (exitCode === exits.notWorking) return stderr.trim().split('\n').at(-1)!
    if (exitCode === exits.known || exitCode === exits.notThere)
      throw refused(issuer, { joining, stdout, stderr })
    if (exitCode !== 0) return `${notReady}: ${stderr.trim().split('\n').at(-1)}`
    return readTicket(stdout)
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error
    return 'it cannot be reached'
  }
}

function readTicket(stdout: string): Ticket {
  const token = /^token ([a-z0-9]{6}\.[a-z0-9]{16})$/m.exec(stdout)?.[1]
  registerSecret(token)
  const pem = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/.exec(stdout)?.[0]
  if (!token || !pem || !/\nwhole\n$/.test(stdout))
    throw new TaskError('what a control plane gave to join with is not whole', { hint: 'run the same again' })
  const digests = [...stdout.matchAll(/^digest ([0-9a-f]{64}) (.+)$/gm)]
  return {
    token,
    caHash: publicKeyHash(pem),
    digests: digests.map(([, sha256, file]) => ({ sha256: sha256!, file: file! })),
  }
}

function withoutTicket({ label }: Joining, told: string[]): TaskError {
  const lines = told.map((line) => `\n${line}`).join('')
  return new TaskError(`no control plane lets ${label} join${lines}`, {
    hint: 'docs/runbooks.md says what to do; to see what is there: tasks status',
  })
}

function refused(
  issuer: Machine,
  { joining, stdout, stderr }: { joining: Joining; stdout: string; stderr: string },
): TaskError {
  const known = replacedMachine(joining, stdout.split('\n'))
  const said = known?.message ?? stderr.trim().split('\n').slice(-5).join('\n')
  const hint = known?.hint ?? `mend it on ${issuer.label}, then run the same command again`
  return new TaskError(`${issuer.name}: ${joining.label} gets nothing to join with\n${said}`, { hint })
}
