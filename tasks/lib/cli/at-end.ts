import { errorFindings } from './commands/error-findings.ts'
import type { Finding } from './errors.ts'

const waiting: (() => Promise<void>)[] = []

/** Has work done when the task has ended, however it ended: connections to machines that plan and run share are closed. */
export function atEnd(work: () => Promise<void>): void {
  waiting.push(work)
}

/** Does that work, the last given first, and gives what went wrong with it as warnings. */
export async function runAtEnd(): Promise<Finding[]> {
  const findings: Finding[] = []
  for (let work = waiting.pop(); work; work = waiting.pop()) {
    try {
      await work()
    } catch (error) {
      findings.push(...errorFindings(error).map((finding) => ({ ...finding, severity: 'warning' as const })))
    }
  }
  return findings
}
