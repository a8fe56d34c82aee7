import type { Config } from '../config/model.ts'
import type { KubernetesObject } from '../manifest/object.ts'
import { volumesPath } from './persistent-parts.ts'
import type { Surveys } from './persistent-survey.ts'
import { localVolumes } from './persistent-volumes.ts'

/** What holds data and is wanted by nobody. Nothing of it is ever deleted unasked. */
export interface Orphans {
  /** PersistentVolumes on nodes that the configuration does not define. */
  volumes: string[]
  /** Directories on nodes that no PersistentVolume is about. */
  directories: { node: string; path: string }[]
}

interface LocalSpec {
  local?: { path?: string }
  nodeAffinity?: unknown
}

/** PersistentVolumes without a definition, and directories without a PersistentVolume. Pure. */
export function orphansOf(config: Config, found: { volumes: KubernetesObject[]; surveys: Surveys }): Orphans {
  const folder = volumesPath(config)
  const defined = localVolumes(config.cluster, folder)
  const names = new Set(defined.map(({ name }) => name))
  const own = found.volumes.filter((volume) => pathOf(volume)?.startsWith(`${folder}/`))
  const isUsed = (node: string, path: string) =>
    defined.some((volume) => volume.node === node && volume.path === path) ||
    own.some((volume) => pathOf(volume) === path && isOn(volume, node))
  const directories = [...found.surveys].flatMap(([node, survey]) =>
    survey.directories
      .filter(({ path }) => !isUsed(node, path) && !sharedPaths(config).has(path))
      .map(({ path }) => ({ node, path })),
  )
  return {
    volumes: own.map(({ metadata }) => metadata.name).filter((name) => !names.has(name)),
    directories,
  }
}

function pathOf({ spec }: KubernetesObject): string | undefined {
  return (spec as LocalSpec | undefined)?.local?.path
}

function isOn({ spec }: KubernetesObject, node: string): boolean {
  return JSON.stringify((spec as LocalSpec).nodeAffinity ?? '').includes(JSON.stringify(node))
}

// Folders that pods reach by their path.
function sharedPaths({ variables, cluster }: Config): Set<string> {
  const named = ['PATH_ADM', 'PATH_BKP', 'PATH_SHR'].flatMap((name) => variables.get(name)?.value ?? [])
  return new Set([...named, ...cluster.sync.map(({ path }) => path)])
}
