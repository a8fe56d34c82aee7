import { type Finding, type Place, TaskError } from '../../cli/errors.ts'
import { ApiError } from '../errors.ts'
import { isSecret, withoutValues } from '../objects/masking.ts'
import type { Desired } from '../sets/desired.ts'
import { findField } from './field-path.ts'

/**
 * A refusal of the server in the words of the manifest: each field with its line, and the variable that gave its
 * value. Errors of other kinds come back as they are.
 */
export function objectError(error: unknown, desired: Desired): unknown {
  if (!(error instanceof ApiError)) return error
  const findings = refusals(error).map((refusal) => findingOf(refusal, { error, desired }))
  return new TaskError(findings[0]!.message, { findings, cause: error })
}

/** Where a field of the server's is in the manifest, and the variables that made its value. */
export function fieldPlace(field: string, { entry, object }: Desired): { place: Place; variables: string } {
  const { path } = findField(object, field)
  const used =
    path === '' ? [] : entry.variables.filter((use) => use.path === path || use.path.startsWith(`${path}.`))
  const names = [...new Set(used.map(({ name }) => `$${name}`))]
  return {
    place: path === '' ? entry.source : entry.placeOf(path),
    variables: names.length > 0 ? ` (its value comes from ${names.join(', ')})` : '',
  }
}

interface Refusal {
  field?: string
  message: string
}

/** One for each cause; a request that could not even be read has its fields in the text. */
function refusals({ details, message }: ApiError): Refusal[] {
  const causes = details.causes.filter((cause) => cause.field && cause.message)
  if (causes.length > 0)
    return causes.map(({ field, message = '' }) => ({ field, message: `${field}: ${message}` }))
  const unknown = [...message.matchAll(/(?:unknown|duplicate) field "([^"]+)"/g)]
  if (unknown.length > 0) return unknown.map(([text, field]) => ({ field, message: text }))
  const untyped = /(\.[A-Za-z][^\s:]*): (?:expected|field not declared|duplicate)/.exec(message)
  return [{ field: untyped?.[1], message }]
}

function findingOf(
  { field, message }: Refusal,
  { error, desired }: { error: ApiError; desired: Desired },
): Finding {
  const { place, variables } = field
    ? fieldPlace(field, desired)
    : { place: desired.entry.source, variables: '' }
  const text = isSecret(desired.object) ? withoutValues(message, desired.object) : message
  const hint = error.findings[0]?.hint ?? 'correct the manifest, then run the same command again'
  return { severity: 'error', message: `${desired.title}: ${text}${variables}`, hint, ...place }
}
