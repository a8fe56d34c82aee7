import type { Finding } from '../../cli/errors.ts'
import { adminConfig, kubeletServerCertificate, kubeletSettings } from '../kubeadm/paths.ts'
import { written } from '../kubeadm/record.ts'
import type { Machine } from '../machine.ts'
import { sameEverywhere } from '../plan/frame.ts'
import type { Resource } from '../resource.ts'
import { wholeAnswer } from '../system/answers.ts'
import { approveSoon } from './approve-soon.ts'
import { approverUnit } from './names.ts'

const selfSigned: Finding = {
  severity: 'note',
  message: 'its kubelet signs its own serving certificate, which nobody can check',
  hint: 'serverTLSBootstrap: true in its settings has the cluster sign it',
}

/** How long a kubelet may take to ask for it, the program to run, and the certificate to be signed. */
const seconds = 300

/**
 * A kubelet's serving certificate: without it neither logs nor exec work. The program is started at once on the first
 * of `controlPlanes` that can; none are given where the join itself does that.
 */
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
              written,
            ],
            ...(controlPlanes.length > 0 && {
              notes: [`a control plane runs: systemctl start ${approverUnit}.service`],
              input: async () => {
                await runApprover(node, controlPlanes)
                return ''
              },
            }),
          },
        ],
      }
    },
  }
}

// The first that can.
async function runApprover(node: string, controlPlanes: readonly Machine[]): Promise<void> {
  const script = `${sameEverywhere}
test -s ${adminConfig} || exit 1
${approveSoon(node)}`
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
