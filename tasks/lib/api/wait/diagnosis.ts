import type { KubernetesObject } from '../../manifest/object.ts'
import type { ApiClient } from '../client.ts'
import type { Observed } from '../objects/observed.ts'

// Only background to an error that is reported anyway: it must not take long, nor fail in its stead.
const deadlineMilliseconds = 5000

interface Event extends KubernetesObject {
  reason?: string
  message?: string
  type?: string
  lastTimestamp?: string
  eventTime?: string
  count?: number
}

/** The last events about these objects: "event: FailedScheduling: 0/3 nodes are available". */
export async function eventLines(client: ApiClient, objects: KubernetesObject[]): Promise<string[]> {
  const lists = await Promise.all(objects.map((object) => eventsOf(client, object)))
  const last = lists.flat().sort((a, b) => timeOf(a).localeCompare(timeOf(b)))
  const warnings = last.filter(({ type }) => type !== 'Normal')
  return (warnings.length > 0 ? warnings : last)
    .slice(-3)
    .map(({ reason, message }) => `event: ${[reason, message?.trim()].filter(Boolean).join(': ')}`)
}

/** The last lines that a pod's containers wrote; none where nothing keeps a log. */
export async function logLines(client: ApiClient, pod: Observed): Promise<string[]> {
  const { name, namespace = 'default' } = pod.metadata
  const statuses: { name: string; ready?: boolean; restartCount?: number }[] =
    pod.status?.containerStatuses ?? []
  const container = statuses.find(({ ready }) => !ready) ?? statuses[0]
  if (!container) return []
  const options = { container: container.name, tailLines: 5, previous: (container.restartCount ?? 0) > 0 }
  const text = await briefly((signal) => client.logs(namespace, name, { ...options, signal }), '')
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => `log ${name}: ${line}`)
}

async function eventsOf(client: ApiClient, { metadata }: KubernetesObject): Promise<Event[]> {
  const resource = (await client.discovery()).find('v1', 'Event')
  if (!resource || !metadata.uid) return []
  const options = {
    namespace: metadata.namespace ?? 'default',
    fieldSelector: `involvedObject.uid=${metadata.uid}`,
  }
  return briefly(async (signal) => (await client.list(resource, { ...options, signal })).items as Event[], [])
}

async function briefly<T>(ask: (signal: AbortSignal) => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await ask(AbortSignal.timeout(deadlineMilliseconds))
  } catch {
    return otherwise
  }
}

function timeOf({ lastTimestamp, eventTime, metadata }: Event): string {
  return lastTimestamp ?? eventTime ?? String(metadata.creationTimestamp ?? '')
}
