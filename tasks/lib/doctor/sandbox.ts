import { type SandboxStatus, sandboxStatus } from '../sandbox/status.ts'
import type { Result } from './result.ts'

/** What the project's sandbox is at this moment. */
export async function sandboxResult(root: string): Promise<Result> {
  return stateResult(await sandboxStatus({ root }))
}

/** The same from its status. */
export function stateResult({ state, server, processes, directory, nodes }: SandboxStatus): Result {
  const name = 'sandbox'
  if (state === 'absent')
    return { name, state: 'good', detail: 'not made yet: the first task that needs it makes it' }
  if (state === 'stopped') return { name, state: 'good', detail: `stopped, its data is in ${directory}` }
  if (state === 'running' && nodes === undefined) {
    const hint = `see its logs in ${directory}/logs, or: tasks sandbox:down && tasks sandbox:up`
    return { name, state: 'missing', detail: `runs at ${server} but does not answer`, hint }
  }
  if (state === 'running')
    return { name, state: 'good', detail: `runs at ${server} with ${nodes} simulated nodes` }
  const detail = `only ${processes.map((process) => process.name).join(', ')} of it still runs`
  return { name, state: 'warning', detail, hint: 'tasks sandbox:up' }
}
