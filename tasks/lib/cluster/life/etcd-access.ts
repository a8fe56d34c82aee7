import { errorFindings } from '../../cli/commands/error-findings.ts'
import { type Finding, TaskError } from '../../cli/errors.ts'
import type { ClusterNode, Config } from '../../config/model.ts'
import * as topology from '../../kubernetes/kubeadm/topology.ts'
import { type EtcdAccess, externalFiles, stackedFiles } from '../../node/etcd-members/access.ts'
import type { EtcdView } from '../../node/etcd-members/member.ts'
import { type Probing, readEtcd } from '../../node/etcd-members/read-view.ts'
import type { ClusterScene } from '../cluster.ts'

/** Hosts of etcd that are no control planes; none where each control plane has a member of its own. */
export function externalEtcdNodes({ cluster }: Config): ClusterNode[] {
  return topology.externalEtcdNodes(cluster)
}

type EtcdScene = Pick<ClusterScene, 'config' | 'survey' | 'controlPlanes' | 'machine' | 'signal'>

/** etcd as the first member that answers tells of it, asked from a control plane; `except` one that is about to go. */
export async function openEtcd(
  scene: EtcdScene,
  { except, ...probing }: Probing & { except?: ClusterNode } = {},
): Promise<{ access: EtcdAccess; view: EtcdView }> {
  const findings: Finding[] = []
  let alone: { access: EtcdAccess; view: EtcdView } | undefined
  for (const access of waysTo(scene, except)) {
    try {
      const view = await readEtcd(access, { ...probing, signal: scene.signal })
      if (view.hasQuorum) return { access, view }
      alone ??= { access, view }
    } catch (error) {
      scene.signal.throwIfAborted()
      findings.push(...errorFindings(error))
    }
  }
  if (alone) return alone
  const message = 'no member of etcd answers'
  const hint = 'see which machines answer: tasks nodes'
  throw new TaskError(message, {
    findings: [{ severity: 'error', message, hint }, ...findings, ...scene.survey.unreachable.values()],
  })
}

function waysTo({ config, controlPlanes, machine }: EtcdScene, except?: ClusterNode): EtcdAccess[] {
  const hosts = externalEtcdNodes(config)
  const from = controlPlanes.filter(({ name }) => name !== except?.name)
  if (hosts.length === 0)
    return from.map((node) => ({
      machine: machine(node),
      endpoint: 'https://127.0.0.1:2379',
      files: stackedFiles,
    }))
  return from.flatMap((node) =>
    hosts
      .filter(({ name }) => name !== except?.name)
      .map((host) => ({
        machine: machine(node),
        endpoint: `https://${topology.hostPort(host.address ?? host.name, 2379)}`,
        files: externalFiles,
      })),
  )
}
