import { readdirSync, readFileSync } from 'node:fs'
import { findingText } from '../../../tasks/lib/cli/terminal/finding-text.ts'
import { loadManifests } from '../../../tasks/lib/manifest/manifest.ts'
import type { KubernetesObject, ManifestObject } from '../../../tasks/lib/manifest/object.ts'
import { type ValidateOptions, validate } from '../../../tasks/lib/manifest/validate.ts'
import { variables } from './load.ts'

/** What the broken manifests use as if an operator had declared it. */
const values = { REPLICAS: 'three', PORT: '8080', DEBUG: 'true' }

/** The names of test/fixtures/{valid,invalid}/manifests, without their endings. */
export function fixtureNames(kind: 'valid' | 'invalid'): string[] {
  const files = readdirSync(`test/fixtures/${kind}/manifests`)
  return files.filter((file) => file.endsWith('.yaml')).map((file) => file.replace('.yaml', ''))
}

export function fixtureText(path: string): string {
  return readFileSync(`test/fixtures/${path}`, 'utf8')
}

/** The objects of one fixture. */
export function fixtureObjects(kind: 'valid' | 'invalid', name: string): ManifestObject[] {
  const text = fixtureText(`${kind}/manifests/${name}.yaml`)
  return loadManifests([{ path: `${name}.yaml`, text }], { variables: variables(values) }).objects
}

/** The definition that the custom resources among the fixtures are checked by. */
export function backupDefinition(): KubernetesObject {
  return fixtureObjects('valid', 'custom')[0]!.object
}

interface Given extends Partial<ValidateOptions> {
  values?: Record<string, string>
}

/** Everything that loading and validating files says, as the operator reads it. */
export function saysOf(
  files: Record<string, string>,
  { values: declared = {}, ...options }: Given = {},
): string {
  const given = Object.entries(files).map(([path, text]) => ({ path, text }))
  const { objects, findings } = loadManifests(given, { variables: variables({ ...values, ...declared }) })
  const all = [...findings, ...validate(objects, { kubernetesVersion: '1.36.3', ...options })]
  return all.map((finding) => `${findingText(finding)}\n`).join('')
}

/** The same for one text as web.yaml. */
export function says(text: string, given: Given = {}): string {
  return saysOf({ 'web.yaml': text }, given)
}
