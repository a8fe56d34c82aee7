import type { ApiClient } from '../../api/client.ts'
import type { Step } from '../../cli/change.ts'
import type { Finding } from '../../cli/errors.ts'
import type { ClusterNode } from '../../config/model.ts'
import { hostPort } from '../../kubernetes/kubeadm/topology.ts'
import { memberGone, membersOf } from '../../node/etcd-members/member-gone.ts'
import type { Machine } from '../../node/machine.ts'
import { planNodes } from '../../node/plan/plan-nodes.ts'
import type { ClusterScene } from '../cluster.ts'
import { planDrain } from './drain/plan-drain.ts'
import { isReady, type LiveNode, readNode } from './drain/read-pods.ts'
import { openEtcd } from './etcd-access.ts'
import { resetResources, stopResources } from './machine-resources.ts'
import { nodeRemoval } from './node-object.ts'

export interface Leaving {
  node: ClusterNode
  /** Its machine is made a machine without Kubernetes; else its kubelet is stopped for good. */
  resets: boolean
  /** Pods that nobody makes again may be lost. */
  force: boolean
  drainSeconds: number
}

export interface PlannedLeaving {
  steps: Step[]
  findings: Finding[]
  /** Whose locks are taken. */
  machines: Machine[]
}

/**
 * What takes a node out of its cluster, in the order in which a kill in between does no harm: its pods leave, etcd goes
 * on without it, its machine stops, and last the API forgets it. Each step plans only what is still to do.
 */
export async function planLeaving(scene: ClusterScene, leaving: Leaving): Promise<PlannedLeaving> {
  const { node } = leaving
  const client = await scene.client()
  const live = await readNode(client, { node: node.name, signal: scene.signal })
  const answers = scene.survey.states.has(node.name)
  const drain = await drainStep(client, { live, leaving, scene })
  const etcd = await etcdStep(scene, node)
  const machine = answers ? await machineStep(scene, leaving) : noMachine(leaving)
  const removal = live ? [nodeRemoval(client, live)] : []
  const forgets: Step = {
    name: 'forget',
    title: `Forget ${node.name}`,
    waves: removal.length > 0 ? [{ changes: removal, parallel: 1 }] : [],
    unchanged: [],
  }
  const parts = [drain, etcd, machine]
  return {
    steps: [...parts.map(({ step }) => step), forgets].filter(({ waves }) => waves.length > 0),
    findings: parts.flatMap(({ findings }) => findings),
    machines: [...new Set([...etcd.machines, ...(answers ? [scene.machine(node)] : [])])],
  }
}

interface Part {
  step: Step
  findings: Finding[]
}

function stepOf(name: string, title: string): Step {
  return { name, title, waves: [], unchanged: [] }
}

async function drainStep(
  client: ApiClient,
  {
    live,
    leaving: { node, force, drainSeconds },
    scene: { signal, survey },
  }: { live: LiveNode | undefined; leaving: Leaving; scene: ClusterScene },
): Promise<Part> {
  const step = stepOf('drain', `Move pods off ${node.name}`)
  if (!live) return { step, findings: [] }
  // A machine that was installed anew has a Node that seems ready for a while, and nobody who ends its pods.
  if (!survey.states.get(node.name)?.isMember || !isReady(live)) {
    const message = `${node.name} does not report: its pods cannot end in good order, others take their place when it is forgotten`
    return { step, findings: [{ severity: 'warning', message }] }
  }
  const options = { node: node.name, force, timeoutSeconds: drainSeconds, signal }
  const { waves, findings } = await planDrain(client, options)
  return { step: { ...step, waves }, findings }
}

async function etcdStep(scene: ClusterScene, node: ClusterNode): Promise<Part & { machines: Machine[] }> {
  const step = stepOf('etcd', `Take ${node.name} out of etcd`)
  if (!mayBeMember(node)) return { step, findings: [], machines: [] }
  const { access, view } = await openEtcd(scene, { except: node, times: 1 })
  const address = node.address ?? scene.survey.states.get(node.name)?.address
  const leaving = { name: node.name, ...(address && { peerUrl: `https://${hostPort(address, 2380)}` }) }
  if (membersOf(view, leaving).length === 0) return { step, findings: [], machines: [] }
  const work = [{ machine: access.machine, resources: [memberGone(access, leaving)] }]
  const planned = await planNodes([{ ...step, work }], { parallel: 1, signal: scene.signal })
  return { step: planned.steps[0]!, findings: planned.findings, machines: [access.machine] }
}

// A node that the configuration does not know any more may have been anything.
function mayBeMember({ roles }: ClusterNode): boolean {
  return roles.length === 0 || roles.some((role) => role !== 'worker')
}

async function machineStep(scene: ClusterScene, { node, resets }: Leaving): Promise<Part> {
  const title = resets ? `Reset ${node.name}` : `Stop ${node.name}`
  const resources = resets ? resetResources(scene.config, node) : stopResources(scene.config, node)
  const step = { name: 'machine', title, work: [{ machine: scene.machine(node), resources }] }
  const planned = await planNodes([step], { parallel: 1, signal: scene.signal })
  return { step: planned.steps[0]!, findings: planned.findings }
}

function noMachine({ node, resets }: Leaving): Part {
  const message = `${node.name} does not answer: nothing is done on its machine${resets ? ', it is not reset' : ''}`
  const hint = 'see that it does not come back as it was: its kubelet and etcd would start again'
  return {
    step: stepOf('machine', `Stop ${node.name}`),
    findings: [{ severity: 'warning', message, hint }],
  }
}
