import { spawnSync } from 'node:child_process'
import { parseJson } from '../../../tasks/lib/manifest/json.ts'
import type { Json, JsonMap } from '../../../tasks/lib/manifest/object.ts'
import { localProgram } from '../../../tasks/lib/sandbox/programs/programs.ts'

/** The real kubectl, or undefined where this machine has none yet; tests that need it say so in their name. */
export const kubectl: string | undefined = await localProgram('kubectl').catch(() => undefined)

/** The real envsubst of GNU gettext, or undefined. */
export const gnuEnvsubst: string | undefined = spawnSync('envsubst', ['--version'], {
  encoding: 'utf8',
}).stdout?.includes('GNU')
  ? 'envsubst'
  : undefined

/** Why a test is skipped, for its name. */
export const unlessKubectl = kubectl ? '' : ' (skipped: kubectl is not here yet, tasks sandbox:up gets it)'

/** An object of a kind that kubectl has no types for, so that it prints every field as it decoded it. */
export const probeHead = 'apiVersion: probe.example/v1\nkind: Probe\nmetadata: { name: a }\n'

/** The objects that kubectl reads from a YAML text without any server; throws with its error text. */
export function kubectlReads(text: string): JsonMap[] {
  const given = ['patch', '--local', '-f', '-', '--type=merge', '-p', '{}', '-o', 'json']
  const { status, stdout, stderr } = spawnSync(kubectl!, given, {
    input: text,
    encoding: 'utf8',
    maxBuffer: 1e9,
  })
  if (status !== 0) throw new Error(stderr.trim())
  const documents = stdout
    .trim()
    .split(/\n(?=\{$)/m)
    .map((document) => parseJson<JsonMap>(document))
  return documents.flatMap((object) => (object.kind === 'List' ? (object.items as JsonMap[]) : [object]))
}

/** What GNU envsubst makes of a text when exactly these names are declared. */
export function gnuSubstitutes(text: string, values: Record<string, string>): string {
  const names = Object.keys(values).map((name) => `$${name}`)
  const { stdout } = spawnSync(gnuEnvsubst!, [names.join(' ')], {
    input: text,
    env: values,
    encoding: 'utf8',
    maxBuffer: 1e9,
  })
  return stdout
}

/** A value without the order of its keys, which JSON does not know. */
export function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key]!)]),
  )
}
