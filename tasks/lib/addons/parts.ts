import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Step } from '../cli/change.ts'
import { componentNamed } from './catalog.ts'
import { nodeLabelsStep } from './node-labels-step.ts'
import type { NodePart, Part } from './part.ts'
import { asTheyAre } from './persistent-live.ts'
import { persistentObjects } from './persistent-set.ts'
import { secretSet } from './secret-set.ts'

/** A component of the catalog: manifests/NAME.yaml as one set. */
export function manifest(name: string): Part {
  const component = componentNamed(name)
  if (!component) throw new Error(`the catalog has no ${name}`)
  return { name, title: component.title, manifest: name, component }
}

/** The directories of every node as PersistentVolumes. */
export const persistentVolumes: Part = {
  name: 'persistent',
  title: 'PersistentVolumes of the nodes',
  objects: ({ config, packageRoot }) => persistentObjects(config, packageRoot),
  live: asTheyAre,
}

/** The Secrets of secrets/, decrypted in memory. */
export const secrets: Part = {
  name: 'secrets',
  title: 'Secrets',
  set: (project) => secretSet(project),
}

/** Roles and labels of the configuration on the Node objects. */
export const nodeLabels: Part = {
  name: 'node-labels',
  title: 'Node labels',
  step: ({ config, target, progress }): Promise<Step> =>
    nodeLabelsStep(target.client, { nodes: config.cluster.nodes, progress }),
}

/** Programs, kernel modules and parameters, no swap: before anything else can be done on a machine. */
export const nodePrepare: NodePart = {
  name: 'node-prepare',
  title: 'Prepare the machines',
  ownPace: true,
  nodes: async ({ config, machines, nodes }) => {
    const { prepareResources } = await import('../node/prepare.ts')
    const remoteVolumes = await hasRemoteVolumes(config.root)
    return nodes.map((node) => ({
      machine: machines.of(node),
      resources: prepareResources(node, config, { remoteVolumes }),
    }))
  },
}

async function hasRemoteVolumes(root: string): Promise<boolean> {
  const names = await readdir(join(root, 'volumes')).catch(() => [])
  return names.some((name) => /\.ya?ml$/.test(name))
}
