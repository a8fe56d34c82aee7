import type { Finding } from '../../cli/errors.ts'
import type { ClusterNode, Config } from '../../config/model.ts'
import { firstLabel } from '../../config/nodes.ts'
import { backupResources } from '../../node/etcd-backup/resources.ts'
import type { BackupSettings } from '../../node/etcd-backup/settings.ts'
import type { Work } from '../../node/plan/ask-machines.ts'
import type { Machines } from '../../node/ssh/machines.ts'
import type { SecretProject } from '../../secrets/project.ts'
import { backupPlaces } from './places.ts'
import { backupRecipients } from './recipients.ts'

/**
 * What the control planes among these nodes need to back themselves up by schedule. Each makes its own sets: none has to
 * know of the others, and a control plane that is lost takes no other's backups with it.
 */
export async function backupWork(
  nodes: readonly ClusterNode[],
  { config, machines, project }: { config: Config; machines: Pick<Machines, 'of'>; project: SecretProject },
): Promise<Work[]> {
  const controlPlanes = nodes.filter(({ roles }) => roles.includes('control-plane'))
  if (controlPlanes.length === 0 || config.cluster.distribution === 'none') return []
  const { backup, name: cluster } = config.cluster
  if (backup.to.length + backup.recipients.length === 0)
    return [{ machine: machines.of(controlPlanes[0]!), resources: [only(notConfigured)] }]
  const { recipients, problem } = await backupRecipients(backup, project)
  if (problem) return [{ machine: machines.of(controlPlanes[0]!), resources: [only(problem)] }]
  const places = await backupPlaces(config, project)
  return controlPlanes.map((node) => {
    const settings: BackupSettings = {
      ...{ cluster, host: firstLabel(node.name), keep: backup.keep, recipients, places },
    }
    return { machine: machines.of(node), resources: backupResources(settings, backup) }
  })
}

const notConfigured: Finding = {
  severity: 'note',
  message: 'no backups are made: none are configured',
  hint: 'backup: { to: [{ ssh: backup@nas:/srv/backup, secret: nas }] } in cluster.yaml',
}

function only(finding: Finding) {
  return { target: 'backups', probe: ':', plan: () => ({ actions: [], findings: [finding] }) }
}
