import { setTimeout as sleep } from 'node:timers/promises'
import type { Progress } from '../../cli/change.ts'
import { errorFindings } from '../../cli/commands/error-findings.ts'
import { TaskError } from '../../cli/errors.ts'
import { healthOf, memberTitle } from '../../node/etcd-members/member.ts'
import { ownPrograms } from '../../node/kubeadm/own-programs.ts'
import type { Machine } from '../../node/machine.ts'
import type { ClusterScene } from '../cluster.ts'
import { openEtcd } from '../life/etcd-access.ts'
import type { LiveNode } from './cordon.ts'

export type HealthScene = Pick<
  ClusterScene,
  'config' | 'survey' | 'controlPlanes' | 'machine' | 'signal' | 'client'
>

/** What is asked again and again; gives what is not well yet, nothing when all is. */
type Ask = () => Promise<string[]>

/** Waits until nothing is wrong any more; a TaskError says what still was when time was up. */
export async function untilWell(
  ask: Ask,
  { patienceSeconds, hint, progress }: { patienceSeconds: number; hint: string; progress: Progress },
): Promise<void> {
  const until = performance.now() + patienceSeconds * 1000
  for (;;) {
    const reasons = await ask().catch(reasonsOf)
    if (reasons.length === 0) return
    progress.signal.throwIfAborted()
    if (performance.now() > until) throw new TaskError(reasons.join('; '), { hint })
    progress.say(`waiting: ${reasons.join('; ')}`)
    await sleep(3000, undefined, { signal: progress.signal })
  }
}

// A server that is being started anew does not answer: that is waited for like the rest.
function reasonsOf(error: unknown): string[] {
  if (!(error instanceof TaskError)) throw error
  return errorFindings(error).map(({ message }) => message)
}

/** Every member of etcd is healthy and every API server ready: one of them may then stop for a while. */
export async function controlPlaneReasons(scene: HealthScene): Promise<string[]> {
  const { view } = await openEtcd(scene, { times: 1 })
  const unwell = view.members.filter((member) => member.isLearner || healthOf(member) !== 'healthy')
  const servers = await Promise.all(scene.controlPlanes.map((node) => serverReasons(scene.machine(node))))
  return [
    ...(view.hasQuorum ? [] : ['etcd has no majority']),
    ...unwell.map((member) => `member ${memberTitle(member)} of etcd is not healthy`),
    ...servers.flat(),
  ]
}

async function serverReasons(machine: Machine): Promise<string[]> {
  const { exitCode } = await machine.run(`${ownPrograms}\napi get --raw /readyz >/dev/null 2>&1`, {
    allowFailure: true,
    timeoutSeconds: 60,
    title: 'ask the API server whether it is ready',
  })
  return exitCode === 0 ? [] : [`the API server of ${machine.label} is not ready`]
}

interface LivePod {
  metadata: { name: string; deletionTimestamp?: string }
  status?: { phase?: string; conditions?: { type: string; status: string }[] }
}

/** The node is Ready, with a kubelet of that version, and so is what runs there of kube-system. */
export async function nodeReasons(
  { client }: Pick<ClusterScene, 'client'>,
  { name, version }: { name: string; version: string },
): Promise<string[]> {
  const api = await client()
  const live = (await api.get({ apiVersion: 'v1', kind: 'Node', name })) as LiveNode | undefined
  const kubelet = live?.status?.nodeInfo?.kubeletVersion?.replace(/^v/, '')
  const query = { fieldSelector: `spec.nodeName=${name}` }
  const path = '/api/v1/namespaces/kube-system/pods'
  const { items } = await api.request<{ items: LivePod[] }>('GET', path, { query })
  const waiting = items
    .filter((pod) => !isReady(pod))
    .map(({ metadata }) => `pod ${metadata.name} is not ready`)
  return [
    ...(kubelet === version ? [] : [`the kubelet of ${name} is ${kubelet ?? 'not known'}`]),
    ...(isTrue(live?.status?.conditions) ? [] : [`Node ${name} is not Ready`]),
    ...waiting,
  ]
}

function isReady({ metadata, status }: LivePod): boolean {
  const isLeaving = metadata.deletionTimestamp !== undefined || status?.phase === 'Succeeded'
  return isLeaving || isTrue(status?.conditions)
}

function isTrue(conditions: { type: string; status: string }[] = []): boolean {
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
}
