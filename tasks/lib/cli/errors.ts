/** Where a finding points: a file as the operator would name it, and a 1-based line and column. */
export interface Place {
  file: string
  line?: number
  column?: number
}

/** One thing that is wrong or worth knowing, with the next thing to type as its hint. */
export interface Finding extends Partial<Place> {
  severity: 'error' | 'warning' | 'note'
  message: string
  hint?: string
}

/**
 * An error that the operator can mend: what and where, then the next thing to type. Lower case, no full stop.
 * Anything else that is thrown is a bug of ours and is reported as one.
 */
export class TaskError extends Error {
  readonly findings: Finding[]
  /** 1 failed (bad configuration included), 64 wrong usage, 130 after Ctrl-C. */
  readonly exitCode: number

  constructor(
    message: string,
    options: Partial<Place> & {
      hint?: string
      findings?: Finding[]
      exitCode?: number
      cause?: unknown
    } = {},
  ) {
    super(message, { cause: options.cause })
    this.name = 'TaskError'
    this.exitCode = options.exitCode ?? 1
    const { file, line, column, hint } = options
    this.findings = options.findings ?? [{ severity: 'error', message, hint, file, line, column }]
  }
}

/** The command line itself is wrong: exit code 64. */
export class UsageError extends TaskError {
  constructor(message: string, options: { hint?: string; findings?: Finding[] } = {}) {
    super(message, { ...options, exitCode: 64 })
    this.name = 'UsageError'
  }
}

/** "manifests/web.yaml:12:3", or "" for a finding without a place. */
export function placeText({ file, line, column }: Partial<Place>): string {
  return [file, line, column].filter((part) => part !== undefined).join(':')
}

/** Throws one TaskError that carries every finding when at least one of them is an error. */
export function throwOnErrors(findings: Finding[]): void {
  const errors = findings.filter((finding) => finding.severity === 'error')
  if (errors.length === 0) return
  throw new TaskError(errors.length === 1 ? errors[0]!.message : `${errors.length} errors`, { findings })
}
