import type { Finding } from '../cli/errors.ts'
import type { Definition } from './resolver.ts'
import { isSecretName, variableDefinitions } from './variable-table.ts'

/** Where definitions come from, the strongest first. */
export interface Layers {
  arguments: Definition[]
  varsFile: Definition[]
  environment: Definition[]
  envLocal: Definition[]
  env: Definition[]
  clusterFile: Definition[]
}

/** The definition that counts for each name, defaults included, and notes on what in cluster.yaml lost. */
export function mergeLayers(layers: Layers): { definitions: Map<string, Definition>; findings: Finding[] } {
  const { clusterFile, env, envLocal, environment, varsFile } = layers
  const weakestFirst = [defaults(), clusterFile, env, envLocal, environment, varsFile, layers.arguments]
  const definitions = new Map<string, Definition>()
  for (const definition of weakestFirst.flat()) definitions.set(definition.name, definition)
  return { definitions, findings: clusterFile.flatMap((one) => lossNote(one, definitions.get(one.name)!)) }
}

/** The environment's values of the names that the table or a file declares. */
export function environmentDefinitions(
  environment: Readonly<Record<string, string | undefined>>,
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

function lossNote(lost: Definition, winner: Definition): Finding[] {
  if (winner === lost || winner.text === lost.text) return []
  const shown = isSecretName(lost.name) ? 'this value' : `"${lost.text}"`
  const message = `${shown} does not count: ${winner.origin} sets ${winner.name} to "${winner.text}"`
  return [{ severity: 'note', ...lost.place, message, hint: 'keep one of the two' }]
}
