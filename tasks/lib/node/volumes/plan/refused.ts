import type { Finding } from '../../../cli/errors.ts'

/** A reason against a change, with the next thing to type. */
export function refused(message: string, hint: string): Finding {
  return { severity: 'error', message, hint }
}
