import { quote } from '../../cli/process/quote.ts'
import { sameEverywhere } from '../plan/frame.ts'
import { adminConfig, pkiFolder, sharedFiles } from './paths.ts'
import { linesOf, type Newcomer, rosterFunctions } from './roster.ts'
import { kubectl, tokensGone } from './tokens.ts'

/** What else a control plane does for a node in the same two calls. */
export interface Errand {
  /** Said by the plan. */
  note: string
  giving: string
  takingBack: string
}

/** A node that wants to join. */
export interface Joining extends Newcomer {
  /** Configuration of kubeadm that lends the certificates of the control plane: for a further one. */
  loan?: string
  /** It was in the middle of joining: the cluster may know it already. */
  isResumed: boolean
  errand?: Errand
}

const minutes = 15

/** Exit codes: this machine gives no tickets; the cluster knows another machine, stdout says by what; a program is missing. */
export const exits = { notWorking: 75, known: 76, notThere: 127 } as const

/** What is said of a control plane that may give a ticket a little later. */
export const notReady = 'its API server is not ready'

/** What the plan says is done on a control plane. */
export function ticketNote({ name, loan, errand }: Joining): string {
  const lend = loan ? 'kubeadm init phase upload-certs --upload-certs, ' : ''
  return `a control plane runs: ${lend}kubeadm token create --ttl ${minutes}m --description ${quote(descriptionOf(name))}; the token is deleted afterwards${errand ? `; ${errand.note}` : ''}`
}

/** Prints a token to join with, what has to be alike on control planes, and the certificate of the authority. */
export function ticketScript(joining: Joining): string {
  const { name, loan, isResumed, errand } = joining
  const description = quote(descriptionOf(name))
  return `set -eu; ${sameEverywhere}
unable() { echo "$1" >&2; exit ${exits.notWorking}; }
[ -s ${adminConfig} ] || unable 'it is no control plane'
${kubectl} get --raw /readyz >/dev/null 2>&1 || unable '${notReady}'
${isResumed ? '' : strangersGuard(joining)}
{ ${tokensGone(descriptionOf(name))}; } >/dev/null
${errand?.giving ?? ''}
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

// Where either list cannot be read, no ticket is given.
function strangersGuard(newcomer: Newcomer): string {
  const stops = linesOf(newcomer).map(
    (line) => `case $roster in *${quote(`\n${line}\n`)}*) echo ${quote(line)}; exit ${exits.known} ;; esac`,
  )
  return `${rosterFunctions}
roster=$(nodes)${newcomer.peerUrl ? `\nroster="$roster\n$(members)"` : ''}
roster="\n$roster\n"
${stops.join('\n')}`
}

/** What is written on the token of a node. */
export function descriptionOf(name: string): string {
  return `metaltasks: ${name} joins`
}
