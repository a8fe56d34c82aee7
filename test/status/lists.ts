import type { Observed } from '../../tasks/lib/api/objects/observed.ts'
import type { Lists } from '../../tasks/lib/status/lists.ts'
import { object } from '../support/objects.ts'

/** What a server holds: these lists, and nothing of all other kinds. */
export function lists(given: Partial<Lists>): Lists {
  const kinds =
    'nodes pods services volumes claims controllers deployments statefulSets daemonSets replicaSets'
  const names = `${kinds} jobs storageClasses refusals claimEvents`.split(' ')
  return { ...(Object.fromEntries(names.map((name) => [name, []])) as unknown as Lists), ...given }
}

/** An object with status; "Deployment apps/v1", "worker/web". */
export function observed(type: string, name: string, fields: Record<string, unknown> = {}): Observed {
  return object(type, name, fields) as Observed
}
