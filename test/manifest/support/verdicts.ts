import type { KubernetesObject } from '../../../tasks/lib/manifest/object.ts'
import { type ValidateOptions, validate } from '../../../tasks/lib/manifest/validate.ts'
import { type Mutation, mutations } from './mutations.ts'
import { fixtureNames, fixtureObjects } from './validated.ts'

/** Where the verdicts of the API server are recorded: one line for each good object, one letter for each change. */
export const verdictsFile = 'test/fixtures/valid/manifests/verdicts.txt'

/** An object of the good manifests, with every change of it. */
export interface Changed {
  title: string
  changes: Mutation[]
}

export function allChanges(): Changed[] {
  const objects = fixtureNames('valid').flatMap((name) => fixtureObjects('valid', name))
  return objects.map(({ object }) => ({
    title: `${object.kind} ${object.metadata.name}`,
    changes: mutations(object),
  }))
}

/** Our errors about an object by itself. */
export function errorsOf(object: KubernetesObject, options: ValidateOptions): string[] {
  const place = { file: 'web.yaml' }
  const manifest = { object, source: place, variables: [], placeOf: () => place }
  const findings = validate([manifest], options)
  return findings.flatMap(({ severity, message }) => (severity === 'error' ? [message] : []))
}

/** "." both take it, "x" both refuse it, "-" is left to the API server, "!" would be refused by us alone. */
export function verdict(refused: { byUs: boolean; byServer: boolean }): string {
  if (refused.byServer) return refused.byUs ? 'x' : '-'
  return refused.byUs ? '!' : '.'
}
