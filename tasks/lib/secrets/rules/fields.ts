/** Where a field of a .sops.yaml stands: its keys from the top. */
export type FieldPath = readonly (string | number)[]

export type Fields = Record<string, unknown>

export interface Where {
  at: FieldPath
  /** Throws a SecretError at the line of a field. */
  refuse(message: string, at: FieldPath): never
}

/** The fields of a map; none where the value is not there. */
export function asMap(value: unknown, { at, refuse }: Where): Fields {
  if (value === undefined || value === null) return {}
  if (typeof value === 'object' && !Array.isArray(value)) return value as Fields
  return refuse(`${at.at(-1) ?? 'the file'} is not a map`, at)
}

/** The elements of a list; none where the value is not there. */
export function asList(value: unknown, { at, refuse }: Where): unknown[] {
  if (value === undefined || value === null) return []
  return Array.isArray(value) ? value : refuse(`${at.at(-1)} is not a list`, at)
}

/** A list of texts. */
export function asTexts(value: unknown, { at, refuse }: Where): string[] {
  return asList(value, { at, refuse }).map((item) =>
    typeof item === 'string' ? item : refuse(`${at.at(-1)} holds something that is no text: quote it`, at),
  )
}

/** A scalar as text; undefined where there is none. */
export function asText(value: unknown): string | undefined {
  return value === undefined || value === null || value === '' ? undefined : String(value)
}

/** A whole number; undefined where there is none. */
export function asNumber(value: unknown, { at, refuse }: Where): number | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'number' && Number.isInteger(value)) return value
  return refuse(`${at.at(-1)} is not a whole number`, at)
}

/** A flag, also in the words that a YAML 1.1 reader, as in sops, takes for one. */
export function asFlag(value: unknown): boolean {
  return value === true || /^(y|yes|on|true)$/i.test(String(value ?? ''))
}
