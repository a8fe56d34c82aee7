import { errorFindings } from '../cli/commands/error-findings.ts'
import type { Finding } from '../cli/errors.ts'
import type { Config } from '../config/model.ts'
import { type BackupState, readBackupState } from '../node/etcd-backup/state.ts'
import type { EtcdView } from '../node/etcd-members/member.ts'
import type { KubernetesSurvey } from '../node/kubeadm/kubernetes-state.ts'
import { surveyCluster } from '../node/kubeadm/survey.ts'
import { machinesOf } from '../node/ssh/shared-machines.ts'
import { membersOf } from './cluster.ts'
import { openEtcd } from './life/etcd-access.ts'

/** What the machines of a cluster tell of its control plane. */
export interface ClusterHealth {
  survey: KubernetesSurvey
  /** Undefined where no member of etcd answered. */
  etcd?: EtcdView
  /** By the name of the control plane. */
  backups: ReadonlyMap<string, BackupState>
  /** What could not be read, as warnings. */
  findings: Finding[]
}

/** Asks the machines of a cluster that kubeadm made; reads only, and goes without what does not answer. */
export async function readHealth(
  config: Config,
  { signal }: { signal: AbortSignal },
): Promise<ClusterHealth> {
  const machines = machinesOf(config, { signal })
  const survey = await surveyCluster(config.cluster, { machines, signal })
  const { controlPlanes } = membersOf({ config, survey })
  const findings: Finding[] = []
  const orWarning = async <T>(work: Promise<T>): Promise<T | undefined> => {
    try {
      return await work
    } catch (error) {
      signal.throwIfAborted()
      findings.push(...errorFindings(error).map((one) => ({ ...one, severity: 'warning' as const })))
      return undefined
    }
  }
  const scene = { config, survey, controlPlanes, signal, machine: machines.of }
  const [etcd, ...states] = await Promise.all([
    controlPlanes.length > 0 ? orWarning(openEtcd(scene, { times: 1 })) : undefined,
    ...controlPlanes.map(async (node) => {
      return [node.name, await orWarning(readBackupState(machines.of(node), signal))] as const
    }),
  ])
  const backups = new Map(states.flatMap(([name, state]) => (state ? [[name, state] as const] : [])))
  return { survey, ...(etcd && { etcd: etcd.view }), backups, findings }
}
