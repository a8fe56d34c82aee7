import type { Plan } from '../../cli/change.ts'
import { TaskError } from '../../cli/errors.ts'
import type { ClusterNode, Config } from '../../config/model.ts'
import { clusterConfiguration } from '../../kubernetes/kubeadm/cluster-configuration.ts'
import { yamlText } from '../../kubernetes/kubeadm/documents.ts'
import { durationSeconds } from '../../kubernetes/kubeadm/duration.ts'
import { renewedFiles } from '../../node/certificates/kubeadm-certificates.ts'
import { ownKubelet, returningKubelet } from '../../node/certificates/kubelet-login.ts'
import { renewedCertificates } from '../../node/certificates/renewal.ts'
import type { KubernetesState } from '../../node/kubeadm/kubernetes-state.ts'
import { type NodeStep, planNodes } from '../../node/plan/plan-nodes.ts'
import type { ClusterScene } from '../cluster.ts'
import { servingErrand } from '../setup/serving-work.ts'

export interface RenewalWish {
  withinDays: number
  /** Those that last longer too. */
  all: boolean
}

/**
 * New certificates for control planes, one machine after the other, each ready again before the next begins; then
 * kubelets whose own have expired log in again.
 */
export async function planRenewal(
  scene: ClusterScene,
  wish: RenewalWish,
): Promise<Pick<Plan, 'steps' | 'findings'>> {
  const { config, survey, controlPlanes, machine, now, signal } = scene
  const nodes = config.cluster.nodes.filter(({ roles }) => roles.includes('control-plane'))
  if (controlPlanes.length === 0) throw nothingToRenew(survey)
  const time = now()
  const isExpired = controlPlanes.some((node) =>
    ownCertificates(survey.states.get(node.name)!).some(({ expires }) => expires <= time),
  )
  const configuration = yamlText([clusterConfiguration(config)])
  const resources = (node: ClusterNode) => [
    ownKubelet(node.name, { configuration, source: node.place }),
    renewedCertificates({
      ...{ node: node.name, isExpired, configuration, source: node.place },
      before: horizon(survey.states.get(node.name), { ...wish, now: time, config }),
    }),
  ]
  // One that does not answer is asked as well: it is then named, and the others are left alone with it.
  const asked = nodes.filter((node) => controlPlanes.includes(node) || survey.unreachable.has(node.name))
  const work = asked.map((node) => ({ machine: machine(node), resources: resources(node) }))
  const planes = { name: 'certificates', title: 'Certificates of control planes', work, parallel: 1 }
  const kubelets = { name: 'kubelets', title: 'Kubelets of other nodes', work: kubeletsWork(scene) }
  return planNodes([planes, kubelets], {
    parallel: config.cluster.ssh.parallel,
    quorum: asked.map(({ name }) => name),
    signal,
  })
}

function nothingToRenew({ unreachable }: ClusterScene['survey']): TaskError {
  const told = { message: 'no control plane that answers belongs to a cluster', hint: 'tasks nodes' }
  return new TaskError(told.message, { findings: [{ severity: 'error', ...told }, ...unreachable.values()] })
}

function kubeletsWork({ config, members, controlPlanes, machine }: ClusterScene): NodeStep['work'] {
  const issuers = controlPlanes.map(machine)
  const others = members.filter((node) => !controlPlanes.includes(node))
  return others.map((node) => {
    const { name, label } = machine(node)
    const errand = servingErrand(node, { config, standing: { kind: 'made', controlPlanes } })
    const joining = { name, label, isResumed: true, errand }
    return { machine: machine(node), resources: [returningKubelet(joining, { issuers, source: node.place })] }
  })
}

// A new certificate lasts longer than any that is there. Where none lasts for so many days, half of its life counts.
function horizon(
  state: KubernetesState | undefined,
  { withinDays, all, now, config }: RenewalWish & { now: Date; config: Config },
): Date {
  const { certificateValidityPeriod: period } = config.cluster.kubeadm.clusterConfiguration
  const life = period ? durationSeconds(String(period)) * 1000 : Number.POSITIVE_INFINITY
  if (!all || !state) return new Date(now.getTime() + Math.min(withinDays * 86_400_000, life / 2))
  return new Date(Math.max(...ownCertificates(state).map(({ expires }) => expires.getTime())) + 1000)
}

function ownCertificates({ certificates }: KubernetesState): KubernetesState['certificates'] {
  return certificates.filter(({ file }) => renewedFiles.some((one) => one.file === file))
}
