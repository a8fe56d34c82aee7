import type { Piece, Reference } from './lex.ts'
import type { ScalarNode } from './template.ts'

/** The values that references have, and who is told what became of them. */
export interface Scope {
  /** strict: an undeclared name is an error outside scripts. declared: it is literal text everywhere. */
  mode: 'strict' | 'declared'
  /** The value of a declared name; set but empty counts as set. */
  value(name: string): string | undefined
  /** The value of a name that is exported only; asked outside scripts in strict mode. */
  environmentValue(name: string): string | undefined
  outcome(outcome: Outcome): void
}

/** What became of a reference. */
export interface Outcome {
  result: 'substituted' | 'environment' | 'unset' | 'literal' | 'refused'
  reference: Reference
  scalar: ScalarNode
  /** refused: what stands behind `:?`. */
  message?: string
}

/** The text of a scalar with its references replaced. Values are never read again for references. */
export function substitute(scalar: ScalarNode, scope: Scope): string {
  return join(scalar.pieces, { scalar, scope })
}

/** The text of pieces that stand outside scripts, telling nobody. */
export function substituteQuietly(pieces: Piece[], scope: Scope): string {
  const scalar: ScalarNode = {
    kind: 'scalar',
    pieces,
    isPlain: true,
    tag: '',
    zone: 'open',
    offset: 0,
    path: '',
  }
  return substitute(scalar, { ...scope, outcome: () => undefined })
}

interface Work {
  scalar: ScalarNode
  scope: Scope
}

function join(pieces: Piece[], work: Work): string {
  let text = ''
  for (const piece of pieces) text += typeof piece === 'string' ? piece : replace(piece, work)
  return text
}

function replace(reference: Reference, work: Work): string {
  const { scalar, scope } = work
  const declared = scope.value(reference.name)
  if (reference.isEscaped) {
    return scope.mode === 'strict' || declared !== undefined ? reference.raw.slice(1) : reference.raw
  }
  const value = declared ?? environmentValue(reference, work)
  if (value !== undefined) {
    scope.outcome({ result: declared === undefined ? 'environment' : 'substituted', reference, scalar })
    return whenSet(reference, value, work)
  }
  if (scope.mode === 'declared' || reference.isInBraces) return literal(reference, work)
  if (scalar.zone === 'open') return whenUnset(reference, work)
  scope.outcome({ result: 'literal', reference, scalar })
  return literal(reference, work)
}

function environmentValue(reference: Reference, { scalar, scope }: Work): string | undefined {
  const isAsked = scope.mode === 'strict' && scalar.zone === 'open' && !reference.isInBraces
  return isAsked ? scope.environmentValue(reference.name) : undefined
}

function whenSet(reference: Reference, value: string, work: Work): string {
  switch (reference.operator) {
    case ':-':
      return value === '' ? join(reference.word, work) : value
    case ':?':
      return value === '' ? refuse(reference, work) : value
    case ':+':
      return value === '' ? '' : join(reference.word, work)
    case '+':
      return join(reference.word, work)
    default:
      return value
  }
}

function whenUnset(reference: Reference, work: Work): string {
  switch (reference.operator) {
    case ':-':
    case '-':
      return join(reference.word, work)
    case ':+':
    case '+':
      return ''
    case ':?':
      return refuse(reference, work)
    default:
      work.scope.outcome({ result: 'unset', reference, scalar: work.scalar })
      return reference.raw
  }
}

function refuse(reference: Reference, work: Work): string {
  const { scalar, scope } = work
  scope.outcome({ result: 'refused', reference, scalar, message: join(reference.word, work) })
  return reference.raw
}

// As envsubst does: the braces of an undeclared name stay, a declared name inside them is substituted.
function literal(reference: Reference, work: Work): string {
  const { raw, name, operator, word } = reference
  return operator === '' ? raw : `\${${name}${operator}${join(word, work)}}`
}
