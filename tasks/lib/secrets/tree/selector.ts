/** Which values are encrypted: one of six ways to say it. `unencrypted_suffix: _unencrypted` where a file says nothing. */
export interface Selector {
  kind: SelectorKind
  /** The suffix, or the regular expression in Go's RE2 syntax. */
  value: string
}

export const selectorKinds = [
  'unencrypted_suffix',
  'encrypted_suffix',
  'unencrypted_regex',
  'encrypted_regex',
  'unencrypted_comment_regex',
  'encrypted_comment_regex',
] as const
export type SelectorKind = (typeof selectorKinds)[number]

export const defaultSelector: Selector = { kind: 'unencrypted_suffix', value: '_unencrypted' }

/** A selector made ready: says for each place in a tree whether it is encrypted. */
export type Selects = (where: Where) => boolean

export interface Where {
  /** Map keys from the top; elements of a list add nothing. */
  path: readonly string[]
  /** The comments that apply here, one list for each level. */
  comments: readonly (readonly string[])[]
  isComment: boolean
}

/** Makes a selector ready; `matches` compiles a regular expression. Source: sops.go, shouldBeEncrypted. */
export function selects(
  { kind, value }: Selector,
  matches: (pattern: string) => (text: string) => boolean,
): Selects {
  if (kind === 'unencrypted_suffix') return ({ path }) => !path.some((key) => key.endsWith(value))
  if (kind === 'encrypted_suffix') return ({ path }) => path.some((key) => key.endsWith(value))
  const match = matches(value)
  if (kind === 'unencrypted_regex') return ({ path }) => !path.some(match)
  if (kind === 'encrypted_regex') return ({ path }) => path.some(match)
  if (kind === 'unencrypted_comment_regex')
    return ({ comments }) => !comments.some((level) => level.some(match))
  return (where) => markers(where).some(match)
}

// A comment that says "encrypt" is itself left readable: its own line, the last of the last level, does not count.
function markers({ comments, isComment }: Where): string[] {
  const all = comments.flat()
  return isComment && (comments.at(-1)?.length ?? 0) > 0 ? all.slice(0, -1) : all
}
