import { setTimeout as sleep } from 'node:timers/promises'
import type { Progress } from '../../cli/change.ts'
import { TaskError } from '../../cli/errors.ts'
import { quote } from '../../cli/process/quote.ts'
import { registerSecret } from '../../cli/redact.ts'
import { UnreachableError } from '../errors.ts'
import type { Machine } from '../machine.ts'
import { sameEverywhere } from '../plan/frame.ts'
import { adminConfig, pkiFolder, sharedFiles } from './paths.ts'
import { publicKeyHash } from './survey.ts'
import { kubectl, loanDescription, patiently, tokensGone } from './tokens.ts'

/** What a control plane gives a node to join with; it is taken back afterwards. */
export interface Ticket {
  token: string
  caHash: string
  /** sha256 of the files that a further control plane must have alike. */
  digests: { file: string; sha256: string }[]
}

/** A node that wants to join. */
export interface Joining {
  name: string
  label: string
  /** Configuration of kubeadm that lends the certificates of the control plane: for a further one. */
  loan?: string
  /** It was in the middle of joining: the cluster may know it already. */
  isResumed: boolean
  /** Where its own etcd would be found by others: "https://10.0.0.12:2380". */
  peerUrl?: string
}

/** A machine that gave a ticket, and the ticket. */
export interface Issued {
  issuer: Machine
  ticket: Ticket
}

const minutes = 15
const notWorking = 75
const refusing = 76
const notThere = 127
const notReady = 'its API server is not ready'

/** How long an API server may take to be ready: one that was just started, or is busy, is not for a while. */
export interface Patience {
  seconds: number
  progress?: Progress
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

/** Takes a ticket back: its token, and certificates that were lent. */
export async function returnTicket({ issuer }: Issued, { name, loan }: Joining): Promise<void> {
  const commands = [
    ...(loan
      ? [
          patiently(`${kubectl} -n kube-system delete secret --ignore-not-found kubeadm-certs`),
          tokensGone(loanDescription),
        ]
      : []),
    tokensGone(descriptionOf(name)),
  ]
  await issuer.run(`set -eu; ${sameEverywhere}\n${commands.join('\n')}\n`, {
    title: `take back the token of ${name}`,
    timeoutSeconds: 600,
  })
}

/** What the plan says is done on a control plane. */
export function ticketNote({ name, loan }: Joining): string {
  const lend = loan ? 'kubeadm init phase upload-certs --upload-certs, ' : ''
  return `a control plane runs: ${lend}kubeadm token create --ttl ${minutes}m --description ${quote(descriptionOf(name))}; the token is deleted afterwards`
}

async function askTicket(issuer: Machine, joining: Joining): Promise<Ticket | string> {
  const options = { input: joining.loan ?? '', allowFailure: true, timeoutSeconds: 600 }
  try {
    const title = `give ${joining.label} a token to join with`
    const { stdout, stderr, exitCode } = await issuer.run(ticketScript(joining), { ...options, title })
    if (exitCode === notWorking) return stderr.trim().split('\n').at(-1)!
    if (exitCode === refusing || exitCode === notThere) throw refused(issuer, { joining, stderr })
    if (exitCode !== 0) return `${notReady}: ${stderr.trim().split('\n').at(-1)}`
    return readTicket(stdout)
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error
    return 'it cannot be reached'
  }
}

function ticketScript(joining: Joining): string {
  const { name, loan, isResumed } = joining
  const description = quote(descriptionOf(name))
  return `set -eu; ${sameEverywhere}
unable() { echo "$1" >&2; exit ${notWorking}; }
[ -s ${adminConfig} ] || unable 'it is no control plane'
${kubectl} get --raw /readyz >/dev/null 2>&1 || unable '${notReady}'
${isResumed ? '' : strangersGuard(joining)}
{ ${tokensGone(descriptionOf(name))}; } >/dev/null
${loan ? lend : ''}
token=$(kubeadm token create --ttl ${minutes}m --description ${description})
echo "token $token"
for file in ${sharedFiles.join(' ')}; do
  [ ! -e "$file" ] || echo "digest $(sha256sum <"$file" | cut -d' ' -f1) $file"
done
cat ${pkiFolder}/ca.crt
echo whole
`
}

// By way of a pipe: where stdin is a socket it cannot be opened by its name.
const lend = 'cat | kubeadm init phase upload-certs --upload-certs --config /dev/stdin >/dev/null'

const etcdctl = `etcdctl --endpoints=https://127.0.0.1:2379 --cacert=${pkiFolder}/etcd/ca.crt --cert=${pkiFolder}/etcd/healthcheck-client.crt --key=${pkiFolder}/etcd/healthcheck-client.key`

// kubeadm takes over a Node that is not ready, and a member of etcd whose data is lost: etcd then never comes up.
function strangersGuard({ name, label, peerUrl }: Joining): string {
  const stop = (what: string) =>
    `{ echo ${quote(`${what}, and ${label} is not the machine that it was: tasks node:rebuild ${label}`)} >&2; exit ${refusing}; }`
  const node = `present=$(${kubectl} get node --ignore-not-found -o name ${quote(name)})
[ -z "$present" ] || ${stop(`the cluster has a node ${name} already`)}`
  if (!peerUrl) return node
  return `${node}
members=$(${etcdctl} member list -w simple)
members=$(printf '%s\\n' "$members" | grep ', started, ' || :)
case $members in *${quote(`, ${peerUrl},`)}*) ${stop(`etcd has a member at ${peerUrl} already`)} ;; esac`
}

function descriptionOf(name: string): string {
  return `metaltasks: ${name} joins`
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

function refused(issuer: Machine, { joining, stderr }: { joining: Joining; stderr: string }): TaskError {
  const said = stderr.trim().split('\n').slice(-5).join('\n')
  const hint =
    /tasks node:rebuild \S+$/.exec(said)?.[0] ?? `mend it on ${issuer.label}, then run the same command again`
  return new TaskError(`${issuer.name}: ${joining.label} gets nothing to join with\n${said}`, { hint })
}
