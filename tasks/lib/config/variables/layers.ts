import type { Finding } from '../../cli/errors.ts'
import { wordsOf } from './formats.ts'
import type { Definition, Resolver } from './resolver.ts'
import { variableDefinitions } from './variable-table.ts'

export type LoadedEnvironment = Readonly<Record<string, string | undefined>>

/** Where definitions come from, the strongest first. */
export interface Layers {
  arguments: Definition[]
  varsFile: Definition[]
  environment: Definition[]
  envLocal: Definition[]
  env: Definition[]
  clusterFile: Definition[]
}

/** The definition that counts for each name, defaults included. */
export function mergeLayers(layers: Layers): Map<string, Definition> {
  const { clusterFile, env, envLocal, environment, varsFile } = layers
  const weakestFirst = [defaults(), clusterFile, env, envLocal, environment, varsFile, layers.arguments]
  const definitions = new Map<string, Definition>()
  for (const definition of weakestFirst.flat()) definitions.set(definition.name, definition)
  return definitions
}

/** A note on each value of cluster.yaml that does not count because a variable says something else. */
export function lossNotes(clusterFile: Definition[], resolver: Resolver): Finding[] {
  return clusterFile.flatMap((lost) => {
    const { value, origin } = resolver.variables.get(lost.name) ?? { value: lost.text, origin: lost.origin }
    const own = lost.expands ? resolver.expand(lost.text) : lost.text
    if (own === undefined) return []
    if (origin === lost.origin || meaningOf(own) === meaningOf(value)) return []
    const message = `"${own}" does not count: ${origin} sets ${lost.name} to "${value}"`
    return [{ severity: 'note', ...lost.place, message, hint: 'keep one of the two' }]
  })
}

// 0030 is 30, and one space is as good as two.
function meaningOf(text: string): string {
  return /^[0-9]+$/.test(text) ? String(Number(text)) : wordsOf(text).join(' ')
}

/** The environment without the NODE that npx and npm scripts export: the path of the node program, no node of ours. */
export function withoutNpmNames(environment: LoadedEnvironment): LoadedEnvironment {
  const { NODE, ...rest } = environment
  return NODE?.startsWith('/') ? rest : environment
}

/** The environment's values of the names that the table or a file declares. */
export function environmentDefinitions(
  environment: LoadedEnvironment,
  declared: Iterable<string>,
): Definition[] {
  const names = new Set([...[...variableDefinitions()].map(({ name }) => name), ...declared])
  return [...names].flatMap((name) => {
    const text = environment[name]
    return text === undefined
      ? []
      : [{ name, text, expands: false, origin: 'environment', place: { file: 'environment' } }]
  })
}

// Unset K8S_NODES means the sandbox, whose nodes then carry its value.
function defaults(): Definition[] {
  const sandboxNodes = { name: 'K8S_NODES', text: '$SANDBOX_NODES', expands: true, origin: 'default' }
  const rows = [...variableDefinitions()].flatMap(({ name, default: text }) =>
    text === undefined ? [] : [{ name, text, expands: true, origin: 'default' }],
  )
  return [...rows, sandboxNodes]
}
