import type { Finding } from './errors.ts'

/** Where a task speaks: data to stdout, everything for people to stderr, redacted on the way. */
export interface Output {
  /** stdout: text exactly as given, no newline added. */
  data(text: string): void
  /** stdout: one JSON document; BigInt prints without loss. */
  json(value: unknown): void
  /** "==> Create 41 directories" */
  heading(text: string): void
  /** One line for people. */
  line(text?: string): void
  /** One line with --verbose only. */
  verbose(text: string): void
  /** Errors, warnings and notes in the project's form, with their hints. */
  findings(findings: Finding[]): void
  /** "next: tasks persistent" */
  next(command: string): void
  /**
   * Runs work with a live line for each item on a terminal, plain lines elsewhere.
   * The line is replaced by say() and left standing as "text (1.2s)" at the end.
   */
  live<T>(title: string, work: (say: (text: string) => void) => Promise<T>): Promise<T>
  /** True on a terminal that may show moving lines and colours (NO_COLOR, CI and pipes: false). */
  readonly interactive: boolean
}
