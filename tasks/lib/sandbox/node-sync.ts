import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Progress } from '../cli/change.ts'
import { TaskError } from '../cli/errors.ts'
import type { KubernetesObject } from '../manifest/object.ts'
import type { Loopback } from './loopback.ts'
import { simulatedAnnotation } from './nodes.ts'

const manager = 'metaltasks-sandbox'

export type NodeSync = Progress & {
  wanted: KubernetesObject[]
  /** Throws when a program that makes nodes ready has ended: waiting would be in vain. */
  expectRunning(): Promise<void>
}

/** Makes the server's simulated Nodes those of the configuration, and waits until all are Ready. */
export async function syncNodes(line: Loopback, options: NodeSync) {
  const { wanted } = options
  const present = (await listNodes(line)).filter(
    ({ metadata }) => metadata.annotations?.[simulatedAnnotation] === 'fake',
  )
  const names = new Set(wanted.map(({ metadata }) => metadata.name))
  for (const { metadata } of present.filter(({ metadata }) => !names.has(metadata.name))) {
    await expectAnswer(line, 'DELETE', `/api/v1/nodes/${metadata.name}`)
  }
  for (const node of wanted) {
    const found = present.find(({ metadata }) => metadata.name === node.metadata.name)
    if (!found || !hasAll(found, node)) await applyNode(line, node)
  }
  await waitForReady(line, options)
}

/** Every Node of the server. */
export async function listNodes(line: Loopback): Promise<KubernetesObject[]> {
  const { body } = await expectAnswer(line, 'GET', '/api/v1/nodes')
  return (JSON.parse(body) as { items: KubernetesObject[] }).items
}

/** True when what we wrote is exactly what the configuration asks for, read from our entry of managedFields. */
function hasAll(found: KubernetesObject, wanted: KubernetesObject): boolean {
  const { labels = {}, annotations = {} } = wanted.metadata
  const entries = found.metadata.managedFields as ManagedFields[] | undefined
  const fields = entries?.find((entry) => entry.manager === manager && entry.operation === 'Apply')?.fieldsV1
  const ownedLabels = Object.keys(fields?.['f:metadata']?.['f:labels'] ?? {}).filter((key) => key !== '.')
  return (
    isDeepStrictEqual(ownedLabels.map((key) => key.slice(2)).sort(), Object.keys(labels).sort()) &&
    Object.entries(labels).every(([key, value]) => found.metadata.labels?.[key] === value) &&
    Object.entries(annotations).every(([key, value]) => found.metadata.annotations?.[key] === value) &&
    isDeepStrictEqual(lastingTaints(found), lastingTaints(wanted))
  )
}

interface ManagedFields {
  manager?: string
  operation?: string
  fieldsV1?: Record<string, Record<string, Record<string, unknown>>>
}

/** Taints without those that controllers set and lift by themselves (not-ready, unreachable). */
function lastingTaints(node: KubernetesObject): unknown[] {
  const taints = (node.spec as { taints?: { key: string; value?: string; effect: string }[] }).taints ?? []
  return taints
    .filter(({ key }) => !key.startsWith('node.kubernetes.io/'))
    .map(({ key, value = '', effect }) => `${key}=${value}:${effect}`)
    .sort()
}

async function applyNode(line: Loopback, node: KubernetesObject): Promise<void> {
  const path = `/api/v1/nodes/${node.metadata.name}?fieldManager=${manager}&force=true&fieldValidation=Strict`
  await expectAnswer(line, 'PATCH', path, node)
}

async function waitForReady(line: Loopback, options: NodeSync) {
  const deadline = Date.now() + 60_000
  for (;;) {
    const waiting = unready(await listNodes(line), options.wanted)
    if (waiting.length === 0) return
    options.signal.throwIfAborted()
    await options.expectRunning()
    if (Date.now() > deadline) {
      throw new TaskError(`simulated nodes are not ready after 60 s: ${waiting.join(', ')}`, {
        hint: 'look into the logs that `tasks sandbox:status` names, or begin anew: tasks sandbox:down --purge',
      })
    }
    options.say(`waiting for nodes: ${waiting.join(', ')}`)
    await sleep(100)
  }
}

function unready(nodes: KubernetesObject[], wanted: KubernetesObject[]): string[] {
  const ready = new Set(nodes.filter(isReady).map(({ metadata }) => metadata.name))
  return wanted.map(({ metadata }) => metadata.name).filter((name) => !ready.has(name))
}

/** Ready, and no longer tainted as not ready: only then do pods schedule. */
function isReady(node: KubernetesObject): boolean {
  const status = node.status as { conditions?: { type: string; status: string }[] } | undefined
  const taints = (node.spec as { taints?: { key: string }[] }).taints ?? []
  return (
    (status?.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True') &&
    !taints.some(({ key }) => key === 'node.kubernetes.io/not-ready')
  )
}

async function expectAnswer(line: Loopback, method: string, path: string, body?: unknown) {
  const answer = await line.ask(method, path, { body, contentType: 'application/apply-patch+yaml' })
  if (answer.status < 300 || (method === 'DELETE' && answer.status === 404)) return answer
  const { message } = JSON.parse(answer.body) as { message?: string }
  throw new TaskError(`the sandbox answered ${answer.status} to ${method} ${path}: ${message}`, {
    hint: 'begin anew with: tasks sandbox:down --purge',
  })
}
