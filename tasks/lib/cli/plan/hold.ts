import type { Plan } from '../change.ts'
import { errorFindings } from '../commands/error-findings.ts'
import type { Output } from '../output.ts'

/** Does the work that changes something while the plan's locks are held; they are given back however it ends. */
export async function holding<T>(
  plan: Plan,
  { output, signal, work }: { output: Output; signal: AbortSignal; work: () => Promise<T> },
): Promise<T> {
  const release = await plan.hold?.(signal)
  try {
    return await work()
  } finally {
    await release?.().catch((error: unknown) => {
      // The work is done or has failed by now: that a lock stays is worth a line, not another outcome.
      output.findings(errorFindings(error).map((finding) => ({ ...finding, severity: 'warning' as const })))
    })
  }
}
