import type { KubeconfigText } from '../api/kubeconfig/kubeconfig-files.ts'
import { errorFindings } from '../cli/commands/error-findings.ts'
import { type Finding, TaskError } from '../cli/errors.ts'
import { registerSecret } from '../cli/redact.ts'
import type { Config } from '../config/model.ts'
import { adminConfig } from '../node/kubeadm/paths.ts'
import type { Machine } from '../node/machine.ts'
import { machinesOf } from '../node/ssh/shared-machines.ts'

/**
 * The administrator's kubeconfig as kubeadm left it on a control plane, read over SSH into memory: the first control
 * plane that has one counts. A TaskError where none has.
 */
export async function readAdminKubeconfig(
  config: Config,
  { signal }: { signal: AbortSignal },
): Promise<KubeconfigText> {
  const machines = machinesOf(config, { signal })
  const controlPlanes = config.cluster.nodes.filter(({ roles }) => roles.includes('control-plane'))
  const findings: Finding[] = []
  for (const node of controlPlanes) {
    const machine = machines.of(node)
    try {
      const text = await read(machine)
      if (text !== undefined) return { text, title: `${machine.label}:${adminConfig}` }
      findings.push({ severity: 'error', message: `${machine.label} has no ${adminConfig}` })
    } catch (error) {
      signal.throwIfAborted()
      findings.push(...errorFindings(error))
    }
  }
  throw new TaskError(`no control plane of cluster ${config.cluster.name} gave its kubeconfig`, {
    findings: [
      {
        severity: 'error',
        message: `no control plane of cluster ${config.cluster.name} gave its kubeconfig`,
        hint: 'make the cluster: tasks install; or name a kubeconfig: target.kubeconfig in cluster.yaml; to rehearse, add --sandbox',
      },
      ...findings,
    ],
  })
}

async function read(machine: Machine): Promise<string | undefined> {
  const script = `[ -e ${adminConfig} ] || exit 3\ncat ${adminConfig}`
  const title = `read ${adminConfig}`
  const { exitCode, stdout, stderr } = await machine.run(script, { allowFailure: true, title })
  if (exitCode === 3) return undefined
  if (exitCode !== 0) throw new TaskError(`${machine.label}: ${adminConfig} cannot be read: ${stderr.trim()}`)
  for (const [, key] of stdout.matchAll(/client-key-data:\s*(\S+)/g)) registerSecret(key!)
  return stdout
}
