import type { Change } from '../../tasks/lib/cli/change.ts'
import { type NodeStep, planNodes } from '../../tasks/lib/node/plan/plan-nodes.ts'

const progress = { say: () => {}, signal: new AbortController().signal }

/** What differs on machines, in order. */
export async function changesOf(steps: NodeStep[]): Promise<Change[]> {
  const planned = await planNodes(steps, { parallel: 4 })
  return planned.steps.flatMap(({ waves }) => waves.flatMap(({ changes }) => changes))
}

/** Makes and verifies all of it, as the runner does; throws where one is blocked. Gives the titles of what it did. */
export async function applyResources(steps: NodeStep[]): Promise<string[]> {
  const changes = await changesOf(steps)
  const blocked = changes.flatMap((change) => (change.blocked ? [change.blocked.message] : []))
  if (blocked.length > 0) throw new Error(blocked.join('\n'))
  for (const change of changes) await change.run(progress)
  await Promise.all(changes.map((change) => change.verify(progress)))
  return changes.map(({ title }) => title)
}
