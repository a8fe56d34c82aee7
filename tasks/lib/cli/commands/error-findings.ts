import type { Finding } from '../errors.ts'

/** What an error tells the operator: the findings of a TaskError; anything else is a bug of ours, with its stack. */
export function errorFindings(error: unknown): Finding[] {
  if (
    error instanceof Error &&
    'findings' in error &&
    Array.isArray(error.findings) &&
    error.findings.length > 0
  ) {
    return error.findings
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return [{ severity: 'error', message, hint: 'this is a bug in tasks: report it with the lines above' }]
}
