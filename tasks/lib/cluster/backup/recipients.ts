import { join } from 'node:path'
import { type Finding, TaskError } from '../../cli/errors.ts'
import type { Backup } from '../../config/kubeadm-model.ts'
import type { SecretProject } from '../../secrets/project.ts'

/** Who can open backups: the age recipients of the configuration, else those of .sops.yaml; or why there is nobody. */
export async function backupRecipients(
  { recipients }: Pick<Backup, 'recipients'>,
  project: SecretProject,
): Promise<{ recipients: string[]; problem?: Finding }> {
  if (recipients.length > 0) return { recipients }
  try {
    const { groups } = await project.policyFor(join(project.folder, 'cluster', 'backup.yaml'))
    const found = groups.flat().flatMap((key) => (key.type === 'age' ? [key.recipient.trim()] : []))
    const usable = [...new Set(found.filter(isPlain))]
    if (usable.length > 0) return { recipients: usable }
    return nobody('.sops.yaml names no age recipient that a machine can encrypt for')
  } catch (error) {
    if (!(error instanceof TaskError)) throw error
    return nobody(error.message)
  }
}

// Those of plugins would need the plugin on each control plane.
function isPlain(recipient: string): boolean {
  return (
    /^(age1(pq1)?[0-9a-z]+|ssh-(ed25519|rsa) \S+.*)$/.test(recipient) &&
    !/^age1(?!pq1)[0-9a-z]*1/.test(recipient)
  )
}

function nobody(reason: string): { recipients: string[]; problem: Finding } {
  const message = `no backups are made: nobody could open them: ${reason}`
  const hint =
    'make a key: tasks secrets:key; or name recipients: backup: { recipients: [age1…] } in cluster.yaml'
  return { recipients: [], problem: { severity: 'warning', message, hint } }
}
