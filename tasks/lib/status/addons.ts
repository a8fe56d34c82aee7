import { type Component, components, isWanted } from '../addons/catalog.ts'
import type { Observed } from '../api/objects/observed.ts'
import { applySetId, parentName, partOfLabel } from '../api/sets/applyset.ts'
import type { Parents } from '../api/sets/parents.ts'
import type { Config } from '../config/model.ts'
import type { Lists } from './lists.ts'
import type { AddonStatus } from './model.ts'

/** Every component of the catalog: what the configuration says of it, and what runs. Pure. */
export function addonStatuses(
  { deployments, daemonSets, statefulSets }: Lists,
  { config, parents }: { config: Config; parents: Parents },
): AddonStatus[] {
  const workloads = [...daemonSets, ...deployments, ...statefulSets]
  return components.map((component) => {
    const id = applySetId(parentName(component.set?.(config) ?? component.name))
    const members = workloads.filter(({ metadata }) => metadata.labels?.[partOfLabel] === id)
    const configured = versionOf(component, config)
    return {
      name: component.name,
      title: component.title,
      state: stateOf({ wanted: isWanted(component, config), isThere: parents.has(id) }),
      configured,
      running: configured === null ? null : runningVersion(members, configured),
      retired: component.retired ?? null,
    }
  })
}

function versionOf({ versionVariable }: Component, { variables }: Config): string | null {
  return versionVariable ? (variables.get(versionVariable)?.value ?? null) : null
}

function stateOf({ wanted, isThere }: { wanted: boolean; isThere: boolean }): AddonStatus['state'] {
  if (wanted) return isThere ? 'installed' : 'not installed'
  return isThere ? 'left over' : 'switched off'
}

// A component's helpers have versions of their own: where no image has the configured one, the first is the component.
function runningVersion(workloads: Observed[], configured: string): string | null {
  const tags = workloads.flatMap(({ spec }) => imagesOf(spec?.template?.spec)).map(tagOf)
  return tags.includes(configured) ? configured : (tags[0] ?? null)
}

function imagesOf(podSpec: { containers?: { image?: string }[] } | undefined): string[] {
  return (podSpec?.containers ?? []).flatMap(({ image }) => image ?? [])
}

// "0.28.9" of "registry:5000/flannel:v0.28.9"; an image by digest alone has only that.
function tagOf(image: string): string {
  const [name = '', digest] = image.split('@')
  const tag = /:([^/:]+)$/.exec(name)?.[1]
  return tag ? tag.replace(/^v(?=\d)/, '') : (digest ?? 'latest')
}
