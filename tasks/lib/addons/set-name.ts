import { basename, isAbsolute, relative, resolve } from 'node:path'
import { UsageError } from '../cli/errors.ts'
import type { Config } from '../config/model.ts'
import type { FoundManifest } from '../manifest/files.ts'
import { headSetting } from '../manifest/mode.ts'

/** The set's name for a manifest's name, a file or a folder: "kube-prometheus" for upstream/kube-prometheus/. */
export function setName(asked: string): string {
  const base = basename(resolve(asked)).replace(/\.(ya?ml|json)$/, '')
  const name = asked === '-' ? '' : safeName(base)
  if (name) return name
  throw new UsageError(`${asked === '-' ? 'standard input' : asked} gives a set no name`, {
    hint: 'add --set NAME',
  })
}

/**
 * The name that a manifest's head comment gives its set: `# tasks: set=namespace-$K8S_NAMESPACE` keeps the sets of two
 * namespaces apart, where one manifest is applied with other values each time.
 */
export function headSetName({ files }: FoundManifest, config: Config): string | undefined {
  const pattern = files.length === 1 ? headSetting(files[0]!.text, 'set') : undefined
  const { variables, environmentVariables } = config
  const value = (name: string) => (variables.get(name) ?? environmentVariables.get(name))?.value ?? ''
  const name = pattern?.replaceAll(/\$\{?(\w+)\}?/g, (_, variable) => value(variable))
  return name && safeName(name)
}

/** Where a set is from, in words that are the same on another machine wherever that is possible. */
export function setSource(
  asked: string,
  { root, packageRoot }: { root: string; packageRoot: string },
): string {
  const path = resolve(asked)
  for (const folder of [root, packageRoot]) {
    const inside = relative(folder, path)
    if (inside && !inside.startsWith('..') && !isAbsolute(inside)) return inside
  }
  return path
}

/** The same for a manifest that was found: by its file where it was asked for by name. */
export function sourceOf(
  { asked, files }: FoundManifest,
  roots: { root: string; packageRoot: string },
): string {
  if (asked === '-') return 'stdin'
  const isName = files.length === 1 && resolve(files[0]!.path) !== resolve(asked)
  return setSource(isName ? files[0]!.path : asked, roots)
}

/** A name with lower-case letters, digits and "-" only, as the name of a Secret may be; empty when nothing is left. */
export function safeName(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63)
    .replace(/-+$/, '')
}
