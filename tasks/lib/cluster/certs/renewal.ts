import type { Plan } from '../../cli/change.ts'
import { TaskError } from '../../cli/errors.ts'
import type { ClusterNode } from '../../config/model.ts'
import { clusterConfiguration } from '../../kubernetes/kubeadm/cluster-configuration.ts'
import { yamlText } from '../../kubernetes/kubeadm/documents.ts'
import { renewedFiles } from '../../node/certificates/kubeadm-certificates.ts'
import { renewedCertificates } from '../../node/certificates/renewal.ts'
import type { KubernetesState } from '../../node/kubeadm/kubernetes-state.ts'
import { planNodes } from '../../node/plan/plan-nodes.ts'
import type { ClusterScene } from '../cluster.ts'

export interface RenewalWish {
  withinDays: number
  /** Those that last longer too. */
  all: boolean
}

/** New certificates for control planes, one machine after the other, each ready again before the next begins. */
export async function planRenewal(
  { config, survey, controlPlanes, machine, now, signal }: ClusterScene,
  wish: RenewalWish,
): Promise<Pick<Plan, 'steps' | 'findings'>> {
  const nodes = config.cluster.nodes.filter(({ roles }) => roles.includes('control-plane'))
  if (controlPlanes.length === 0)
    throw new TaskError('no control plane that answers belongs to a cluster', { hint: 'tasks nodes' })
  const time = now()
  const isExpired = controlPlanes.some((node) =>
    ownCertificates(survey.states.get(node.name)!).some(({ expires }) => expires <= time),
  )
  const resource = (node: ClusterNode) =>
    renewedCertificates({
      ...{ node: node.name, isExpired, source: node.place },
      configuration: yamlText([clusterConfiguration(config)]),
      before: horizon(survey.states.get(node.name), { ...wish, now: time }),
    })
  // One that does not answer is asked as well: it is then named, and the others are left alone with it.
  const asked = nodes.filter((node) => controlPlanes.includes(node) || survey.unreachable.has(node.name))
  const work = asked.map((node) => ({ machine: machine(node), resources: [resource(node)] }))
  return planNodes([{ name: 'certificates', title: 'Certificates of control planes', work, parallel: 1 }], {
    parallel: config.cluster.ssh.parallel,
    quorum: asked.map(({ name }) => name),
    signal,
  })
}

// A new certificate lasts longer than any that is there.
function horizon(
  state: KubernetesState | undefined,
  { withinDays, all, now }: RenewalWish & { now: Date },
): Date {
  if (!all || !state) return new Date(now.getTime() + withinDays * 86_400_000)
  return new Date(Math.max(...ownCertificates(state).map(({ expires }) => expires.getTime())) + 1000)
}

function ownCertificates({ certificates }: KubernetesState): KubernetesState['certificates'] {
  return certificates.filter(({ file }) => renewedFiles.some((one) => one.file === file))
}
