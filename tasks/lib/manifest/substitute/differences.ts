import { isDeepStrictEqual } from 'node:util'
import type { Finding } from '../../cli/errors.ts'
import { pathText } from '../build/paths.ts'
import { type LoadOptions, loadManifests } from '../manifest.ts'
import { type ManifestFile, modeOf } from '../mode.ts'
import { type Json, type ManifestObject, objectTitle } from '../object.ts'

/**
 * Warnings where a file's objects are not those that `envsubst` with the declared names and kubectl would make of it:
 * `$$NAME`, `${NAME:-default}`, a Secret's data, a value that would become YAML structure there.
 */
export function envsubstDifferences(file: ManifestFile, options: LoadOptions): Finding[] {
  const mode = modeOf(file, options.mode)
  if (mode === 'none' || mode === 'text' || !file.text.includes('$')) return []
  const ours = loadManifests([file], options)
  const theirs = loadManifests([file], { ...options, mode: 'text' })
  if (ours.findings.some(isError)) return []
  const broken = theirs.findings.find(isError)
  const differing = broken ? undefined : ours.objects.length !== theirs.objects.length
  if (broken || differing)
    return [
      warning(`envsubst would make other YAML of this file${broken ? `: ${broken.message}` : ''}`, {
        file: file.path,
      }),
    ]
  return ours.objects.flatMap((object, index) => differencesOf(object, theirs.objects[index]!))
}

function differencesOf(ours: ManifestObject, theirs: ManifestObject): Finding[] {
  return differentPaths(ours.object as Json, theirs.object as Json, []).map((path) => {
    const field = pathText(path)
    return warning(
      `envsubst would give ${objectTitle(ours.object)} another ${field || 'value'}`,
      ours.placeOf(field),
    )
  })
}

function warning(message: string, place: Partial<Finding>): Finding {
  const hint = 'see "Substitution" in the README; tasks render --subst text shows what envsubst gives'
  return { severity: 'warning', message, hint, ...place }
}

function isError({ severity }: Finding): boolean {
  return severity === 'error'
}

function differentPaths(
  ours: Json | undefined,
  theirs: Json | undefined,
  path: (string | number)[],
): (string | number)[][] {
  if (isDeepStrictEqual(ours, theirs)) return []
  if (Array.isArray(ours) && Array.isArray(theirs) && ours.length === theirs.length) {
    return ours.flatMap((item, index) => differentPaths(item, theirs[index], [...path, index]))
  }
  if (isMap(ours) && isMap(theirs) && isDeepStrictEqual(Object.keys(ours), Object.keys(theirs))) {
    return Object.keys(ours).flatMap((key) => differentPaths(ours[key], theirs[key], [...path, key]))
  }
  return [path]
}

function isMap(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
