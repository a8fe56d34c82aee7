import type { Place } from '../../cli/errors.ts'
import { TaskError } from '../../cli/errors.ts'
import { quote } from '../../cli/process/quote.ts'
import { bootstrapConfig, kubeletClientCertificate, kubeletConfig } from '../kubeadm/paths.ts'
import { type Joining, ticketNote } from '../kubeadm/ticket-script.ts'
import { type TicketOffice, ticketOf } from '../kubeadm/tickets.ts'
import type { Action, Answer, Resource } from '../resource.ts'
import { answerLines } from '../system/answers.ts'
import { expiryOf } from './kubeadm-certificates.ts'

/*
 * A kubelet renews the certificate that it logs in with by itself, while that is good. One that was off for too long
 * does not even start: it can neither log in nor ask for another one. Its pods and volumes are untouched by what follows.
 */

/** A control plane signs one for its own kubelet: without that its API server does not start either. */
export function ownKubelet(
  node: string,
  { configuration, source }: { configuration: string; source?: Place },
): Resource {
  return kubelet(source, {
    title: 'sign a new client certificate for its kubelet, whose own has expired, and start that',
    commands: [
      `made=$(printf %s ${quote(configuration)} | kubeadm kubeconfig user --config /dev/stdin --org system:nodes --client-name ${quote(`system:node:${node}`)})`,
      `part() { printf '%s\\n' "$made" | sed -n "s/^ *client-$1-data: *//p" | base64 -d; }`,
      `fresh=$(dirname ${kubeletClientCertificate})/kubelet-client-$(date -u +%Y-%m-%d-%H-%M-%S).pem`,
      '(umask 077; { part certificate; part key; } >"$fresh.new")',
      'grep -q "PRIVATE KEY" "$fresh.new"',
      'sync "$fresh.new"; mv -fT "$fresh.new" "$fresh"',
      `ln -sfn "$fresh" ${kubeletClientCertificate}.new; mv -fT ${kubeletClientCertificate}.new ${kubeletClientCertificate}`,
      ...startAnew,
    ],
  })
}

/** Another node logs in as it did when it joined: with a token, for which the cluster signs a certificate. */
export function returningKubelet(
  joining: Joining,
  { source, ...office }: Omit<TicketOffice, 'joining'> & { source?: Place },
): Resource {
  const { take, giveBack } = ticketOf({ ...office, joining: () => joining })
  return kubelet(source, {
    title: 'have its kubelet log in with a token: its client certificate has expired',
    notes: [ticketNote(joining)],
    input: async (progress) => (await take(progress)).token,
    takeBack: giveBack,
    commands: [
      'token=$(cat)',
      `value() { sed -n "s/^ *$1: *//p" ${kubeletConfig} | head -n 1; }`,
      `old=$(readlink ${kubeletClientCertificate})`,
      `trap 'rm -f ${bootstrapConfig}' EXIT`,
      `(umask 077; printf '%s\\n' ${bootstrapLines.map((line) => `"${line}"`).join(' ')} >${bootstrapConfig})`,
      ...startAnew,
      `seconds=0
until [ -s ${kubeletClientCertificate} ] && [ "$(readlink ${kubeletClientCertificate})" != "$old" ]; do
  seconds=$((seconds + 1))
  if [ "$seconds" -gt 300 ]; then echo 'the kubelet has no new certificate: journalctl -u kubelet' >&2; exit 1; fi
  sleep 1
done`,
    ],
  })
}

const startAnew = ['systemctl reset-failed kubelet 2>/dev/null || true', 'systemctl restart kubelet']

const bootstrapLines = [
  'apiVersion: v1',
  'kind: Config',
  'clusters:',
  '- name: cluster',
  '  cluster: { server: $(value server), certificate-authority-data: $(value certificate-authority-data) }',
  'users:',
  '- name: token',
  '  user: { token: $token }',
  'contexts:',
  '- name: token',
  '  context: { cluster: cluster, user: token }',
  'current-context: token',
]

function kubelet(source: Place | undefined, action: Omit<Action, 'action' | 'before'>): Resource {
  return {
    target: 'client certificate of the kubelet',
    source,
    probe: `if [ -s ${kubeletClientCertificate} ]; then echo "pem $(sed -n '/-BEGIN CERTIFICATE-/,/-END CERTIFICATE-/p' ${kubeletClientCertificate} | base64 -w0)"; fi
echo "now $(date +%s)"`,
    plan: (answer) => {
      const expired = expiry(answer)
      if (!expired) return { actions: [] }
      const before = [`${kubeletClientCertificate} until ${expired.toISOString().slice(0, 10)}`]
      return { actions: [{ action: 'update', before, ...action }] }
    },
  }
}

/** When it expired by the clock of its machine; undefined where it is good, or there is none. */
function expiry(answer: Answer): Date | undefined {
  const said = new Map(answerLines(answer).map((line) => line.split(' ') as [string, string]))
  const now = Number(said.get('now')) * 1000
  const pem = said.get('pem')
  if (!now)
    throw new TaskError('the certificate of its kubelet cannot be told', {
      hint: `ls -l ${kubeletClientCertificate}`,
    })
  if (!pem) return undefined
  const ends = expiryOf(kubeletClientCertificate, pem)
  return ends.getTime() <= now ? ends : undefined
}
