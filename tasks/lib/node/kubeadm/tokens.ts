import { quote } from '../../cli/process/quote.ts'
import { adminConfig } from './paths.ts'

/** kubectl on a control plane, as the cluster's administrator. */
export const kubectl = `kubectl --kubeconfig ${adminConfig}`

/** What kubeadm writes on the token that ends the loan of certificates. */
export const loanDescription = 'Proxy for managing TTL for the kubeadm-certs secret'

const each = '{range .items[*]}{.metadata.name}{" "}{.data.description}{"\\n"}{end}'

/**
 * Removes bootstrap tokens by what is written on them: all of that description, those that a dead run has left too. The
 * name of such a Secret holds the public half of its token only.
 */
export function tokensGone(description: string): string {
  const encoded = Buffer.from(description).toString('base64').replaceAll('/', '\\/')
  const list = `${kubectl} -n kube-system get secrets --field-selector type=bootstrap.kubernetes.io/token`
  return patiently(`tokens=$(${list} -o jsonpath=${quote(each)}) &&
  tokens=$(printf '%s\\n' "$tokens" | sed -n ${quote(`s/^\\(bootstrap-token-[a-z0-9]\\{6\\}\\) ${encoded}$/\\1/p`)}) &&
  for token in $tokens; do ${kubectl} -n kube-system delete secret --ignore-not-found "$token"; done`)
}

/** Runs a command of the API again for three minutes, until it ends well: a server that is busy fails for a while. */
export function patiently(command: string): string {
  return `tries=0
until ${command}; do
  tries=$((tries + 1))
  test "$tries" -lt 60
  sleep 3
done`
}
