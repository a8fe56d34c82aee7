import { placeText } from '../cli/errors.ts'
import type { Variables } from '../config/model.ts'
import { type ManifestObject, objectTitle } from './object.ts'

/** Where an object is from, and which variables made it: one line each. Secret values are not shown. */
export function explain({ object, source, variables }: ManifestObject, known: Variables): string[] {
  const uses = variables.map(({ name, path, line, column }) => {
    const variable = known.get(name)
    const value = variable?.secret ? '(secret)' : JSON.stringify(variable?.value ?? '')
    return `${path}: $${name} = ${value} from ${variable?.origin ?? 'the environment'} (${line}:${column})`
  })
  const title = object.metadata?.name ? objectTitle(object) : `${object.kind} (no name)`
  return [`${placeText({ file: source.file, line: source.line })}: ${title}`, ...uses]
}
