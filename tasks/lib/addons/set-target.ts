import type { Finding } from '../cli/errors.ts'
import type { Context, GlobalOptions } from '../cli/task.ts'
import { reachTarget as reach } from '../cluster/target.ts'
import type { Config } from '../config/model.ts'
import type { Target } from '../sandbox/target.ts'

/** The cluster, or the sandbox, that a task on sets is about; its warnings are added to the findings. */
export async function reachTarget(
  config: Config,
  {
    options,
    output,
    signal,
    findings,
  }: Pick<Context, 'output' | 'signal'> & {
    options: GlobalOptions
    findings: Finding[]
  },
): Promise<Target> {
  const target = await output.live('target', (say) =>
    reach(config, { sandbox: options.sandbox }, { say, signal }),
  )
  findings.push(...target.client.findings)
  return target
}
