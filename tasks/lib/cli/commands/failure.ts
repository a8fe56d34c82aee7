import type { Finding } from '../errors.ts'
import { TaskError } from '../errors.ts'
import { createOutput } from '../output.ts'
import { packageInfo } from '../root.ts'

/** Reports what ended a run and gives its exit code: findings of a TaskError, else a bug of ours. */
export function reportFailure(error: unknown, argv: string[]): number {
  const options = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv
  const json = options.includes('--json')
  const verbose = ['--verbose', '-v'].some((flag) => options.includes(flag))
  const output = createOutput({ json, verbose })
  const { message, findings, exitCode, stack } = isTaskError(error) ? ofTask(error) : ofBug(error)
  if (json) output.json({ error: message, findings })
  else output.findings(findings)
  if (stack !== undefined) output.line(stack)
  return exitCode
}

// A project's own task may bring another copy of this package, whose TaskError is another class.
function isTaskError(error: unknown): error is TaskError {
  if (error instanceof TaskError) return true
  return error instanceof Error && ['TaskError', 'UsageError'].includes(error.name) && 'findings' in error
}

interface Failure {
  message: string
  findings: Finding[]
  exitCode: number
  stack?: string
}

function ofTask({ message, findings, exitCode }: TaskError): Failure {
  return { message, findings: findings.length > 0 ? findings : [{ severity: 'error', message }], exitCode }
}

function ofBug(error: unknown): Failure {
  const { version } = packageInfo()
  const cause = error instanceof Error ? error : new Error(String(error))
  const message = `this is a bug in tasks ${version}: ${cause.message}`
  const hint = `report it with the lines below${reportAddress()}`
  return { message, findings: [{ severity: 'error', message, hint }], exitCode: 1, stack: stackText(cause) }
}

function reportAddress(): string {
  const { bugs } = packageInfo()
  const address = typeof bugs === 'string' ? bugs : (bugs?.url ?? bugs?.email)
  return address === undefined ? '' : ` at ${address}`
}

function stackText(error: Error): string {
  const platform = `node ${process.version}, ${process.platform} ${process.arch}`
  const cause = error.cause instanceof Error ? `\ncaused by ${error.cause.stack}` : ''
  return `${error.stack ?? error.message}${cause}\n${platform}`
}
