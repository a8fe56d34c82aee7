import { environment } from '../../config/environment.ts'

/** The environment of this process for an editor: without the key that some keep in it, which opens every secret. */
export function environmentWithoutKey(): Record<string, string> {
  const { SOPS_AGE_KEY: _, ...rest } = environmentOfOperator()
  return rest
}

/** The environment of this process, for a program of the operator's own. */
export function environmentOfOperator(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment()).filter((pair): pair is [string, string] => pair[1] !== undefined),
  )
}
