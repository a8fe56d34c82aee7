/** The process environment; the only place that reads it. Tests pass their own. */
export function environment(): Readonly<Record<string, string | undefined>> {
  return process.env
}
