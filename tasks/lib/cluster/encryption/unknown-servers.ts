import { createHash } from 'node:crypto'
import type { ApiClient } from '../../api/client.ts'
import { TaskError } from '../../cli/errors.ts'
import type { ServerState } from './server.ts'

interface Lease {
  metadata: { name: string; labels?: Record<string, string> }
  spec?: { renewTime?: string; leaseDurationSeconds?: number }
}

const path = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases'
const query = { labelSelector: 'apiserver.kubernetes.io/identity=kube-apiserver' }

/** Throws where an API server that was not asked has been at work lately: it would read and write with other keys. */
export async function expectNoOthers(
  client: Pick<ApiClient, 'request'>,
  { states, now }: { states: readonly ServerState[]; now: Date },
): Promise<void> {
  const { items } = await client.request<{ items: Lease[] }>('GET', path, { query })
  const asked = new Set(states.map(({ identity }) => identity))
  const others = items.filter((lease) => !asked.has(sha256(lease.metadata.name)) && isRecent(lease, now))
  if (others.length === 0) return
  const names = others.map(({ metadata }) => metadata.labels?.['kubernetes.io/hostname'] ?? metadata.name)
  throw new TaskError(`API servers that cluster.yaml does not name have been at work: ${names.join(', ')}`, {
    hint: `name their nodes in cluster.yaml; one that is gone: kubectl -n kube-system delete lease ${others[0]!.metadata.name}`,
  })
}

// Renewed every ten seconds, and kept for an hour by itself: one that was here lately may come back.
function isRecent({ spec }: Lease, now: Date): boolean {
  const renewed = Date.parse(spec?.renewTime ?? '')
  const seconds = spec?.leaseDurationSeconds ?? 3600
  return Number.isNaN(renewed) || now.getTime() - renewed < seconds * 1000
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
