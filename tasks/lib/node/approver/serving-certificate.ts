import type { Finding } from '../../cli/errors.ts'
import type { Machine } from '../machine.ts'
import type { Resource } from '../resource.ts'
import { wholeAnswer } from '../system/answers.ts'
import { approverUnit } from './names.ts'

/** The certificate that a kubelet answers with; renewed by it, and approved each time. */
export const servingCertificate = '/var/lib/kubelet/pki/kubelet-server-current.pem'

const settings = '/var/lib/kubelet/config.yaml'

const selfSigned: Finding = {
  severity: 'note',
  message: 'its kubelet signs its own serving certificate, which nobody can check',
  hint: 'serverTLSBootstrap: true in its settings has the cluster sign it',
}

/** How long a kubelet may take to ask for it, the program to run, and the certificate to be signed. */
const seconds = 300

/** A kubelet's serving certificate: without it neither logs nor exec work. The program is started once, at once. */
export function approvedServing(controlPlanes: readonly Machine[]): Resource {
  return {
    target: 'serving certificate of the kubelet',
    probe: `if test -s ${servingCertificate}; then echo held
elif test -e ${settings} && ! grep -q '^serverTLSBootstrap: true' ${settings}; then echo unwanted; fi`,
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
until test -s ${servingCertificate}; do
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
              await runApprover(controlPlanes)
              return ''
            },
          },
        ],
      }
    },
  }
}

// The first that can: on one that is not set up yet the unit's condition makes it end well, and do nothing.
async function runApprover(controlPlanes: readonly Machine[]): Promise<void> {
  const script = `test -s /etc/kubernetes/admin.conf && systemctl start ${approverUnit}.service`
  const options = {
    title: 'approve serving certificates of kubelets',
    allowFailure: true,
    timeoutSeconds: 120,
  }
  for (const machine of controlPlanes) {
    const { exitCode } = await machine.run(script, options)
    if (exitCode === 0) return
  }
}
