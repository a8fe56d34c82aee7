import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type FindOptions, findManifests } from '../files.ts'
import { loadManifests } from '../manifest.ts'
import type { KubernetesObject } from '../object.ts'

/** The CustomResourceDefinitions of a project's manifests/imports, for validating what uses them. */
export async function importedDefinitions(options: FindOptions): Promise<KubernetesObject[]> {
  const folder = join(options.root, 'manifests', 'imports')
  if (!(await stat(folder).catch(() => undefined))) return []
  const { manifests } = await findManifests([folder], options)
  const files = manifests.flatMap((manifest) => manifest.files)
  // Parsing megabytes of other things would be for nothing.
  const defining = files.filter(({ text }) => text.includes('CustomResourceDefinition'))
  const { objects } = loadManifests(defining, { variables: new Map(), mode: 'none' })
  return objects.map(({ object }) => object).filter(({ kind }) => kind === 'CustomResourceDefinition')
}
