import type { Finding } from '../../cli/errors.ts'
import { quote } from '../../cli/process/quote.ts'
import { adminConfig, kubeletServerCertificate, kubeletSettings } from '../kubeadm/paths.ts'
import type { Machine } from '../machine.ts'
import { sameEverywhere } from '../plan/frame.ts'
import type { Resource } from '../resource.ts'
import { wholeAnswer } from '../system/answers.ts'
import { approverUnit } from './names.ts'

const selfSigned: Finding = {
  severity: 'note',
  message: 'its kubelet signs its own serving certificate, which nobody can check',
  hint: 'serverTLSBootstrap: true in its settings has the cluster sign it',
}

/** How long a kubelet may take to ask for it, the program to run, and the certificate to be signed. */
const seconds = 300

/** A kubelet's serving certificate: without it neither logs nor exec work. The program is started once, at once. */
export function approvedServing(
  node: string,
  { controlPlanes }: { controlPlanes: readonly Machine[] },
): Resource {
  return {
    target: 'serving certificate of the kubelet',
    probe: `if test -s ${kubeletServerCertificate}; then echo held
elif test -e ${kubeletSettings} && ! grep -q '^serverTLSBootstrap: true' ${kubeletSettings}; then echo unwanted; fi`,
    plan: (answer) => {
      const said = wholeAnswer(answer).trim()
      if (said === 'held') return { actions: [] }
      if (said === 'unwanted') return { actions: [], findings: [selfSigned] }
      return {
        actions: [
          {
            action: 'run',
            title: 'wait for the serving certificate of the kubelet',
            commands: [
              `seconds=0
until test -s ${kubeletServerCertificate}; do
  seconds=$((seconds + 1))
  if test "$seconds" -gt ${seconds}; then
    echo "the kubelet has no serving certificate after ${seconds}s: on a control plane: journalctl -u ${approverUnit}" >&2
    exit 1
  fi
  sleep 1
done`,
            ],
            notes: [`control planes run: systemctl start ${approverUnit}.service`],
            input: async () => {
              await runApprover(node, controlPlanes)
              return ''
            },
          },
        ],
      }
    },
  }
}

// The first that can, as soon as the kubelet has asked; where it takes longer the timer does it.
async function runApprover(node: string, controlPlanes: readonly Machine[]): Promise<void> {
  const script = `${sameEverywhere}
test -s ${adminConfig} || exit 1
user=${quote(`system:node:${node}`)}
for try in 1 2 3 4 5 6 7 8 9 10; do
  ${asked} | grep -qxF "$user" && break
  sleep 2
done
systemctl start ${approverUnit}.service`
  const options = {
    title: 'approve serving certificates of kubelets',
    allowFailure: true,
    timeoutSeconds: 180,
  }
  for (const machine of controlPlanes) {
    const { exitCode } = await machine.run(script, options)
    if (exitCode === 0) return
  }
}

const asked = `kubectl --kubeconfig ${adminConfig} get certificatesigningrequests --field-selector spec.signerName=kubernetes.io/kubelet-serving -o 'jsonpath={range .items[*]}{.spec.username}{"\\n"}{end}'`
