import { TaskError } from '../cli/errors.ts'
import { didYouMean } from '../cli/suggest.ts'
import type { Context, GlobalOptions } from '../cli/task.ts'
import { loadConfig } from '../config/config.ts'
import type { ClusterNode, Config } from '../config/model.ts'
import { nodeNamed } from '../config/nodes.ts'
import type { Machine } from '../node/machine.ts'
import type { Machines } from '../node/ssh/machines.ts'
import { machinesOf } from '../node/ssh/shared-machines.ts'
import type { KeyStore } from '../node/volume-keys/key-store.ts'
import { type Volume, type VolumeKey, volumesOfNode } from '../node/volumes/volume.ts'
import { type SecretProject, secretProject } from '../secrets/project.ts'
import { keyOfVolume, storeOfVolume } from './volume-keys.ts'

/** A volume that a task is about, with its machine and its key. */
export interface ChosenVolume {
  node: ClusterNode
  volume: Volume
  machine: Machine
  key: VolumeKey
  /** Where its key lives; undefined where nothing that we can write to has it. */
  store?: KeyStore
}

/** What a task about volumes has in hand. Connections end with the task. */
export interface VolumeScene {
  config: Config
  machines: Machines
  project: SecretProject
  chosen: ChosenVolume[]
  /** No machine stands behind the nodes: the sandbox's. */
  isSimulated: boolean
  now(): Date
}

/** The volumes of $NODE or of all nodes, or that one alone. Connects to nothing yet; simulated nodes have none. */
export async function openVolumes(
  { root, output, signal, options }: Pick<Context, 'root' | 'output' | 'signal'> & { options: GlobalOptions },
  name?: string,
): Promise<VolumeScene> {
  const config = await loadConfig(root)
  output.findings(config.findings)
  const machines = machinesOf(config, { signal })
  const project = secretProject({ root, output, signal })
  const isSimulated = !config.configured || options.sandbox
  const scene = { config, machines, project, isSimulated, now: () => new Date() }
  const volumes = isSimulated ? [] : chosenNodes(config).flatMap((node) => volumesOf(node, scene))
  return { ...scene, chosen: name === undefined || isSimulated ? volumes : volumesNamed(volumes, name) }
}

function chosenNodes(config: Config): ClusterNode[] {
  const name = config.variables.get('NODE')?.value
  return name ? [nodeNamed(config, name)] : config.cluster.nodes
}

function volumesOf(node: ClusterNode, scene: Omit<VolumeScene, 'chosen'>): ChosenVolume[] {
  const { config, machines } = scene
  return volumesOfNode(node, config.cluster).map((volume) => {
    const store = storeOfVolume(volume, { config, machines })
    return {
      node,
      volume,
      machine: machines.of(node),
      key: keyOfVolume(volume, { ...scene, store }),
      ...(store && { store }),
    }
  })
}

function volumesNamed(volumes: ChosenVolume[], name: string): ChosenVolume[] {
  const named = volumes.filter(({ volume }) => volume.name === name)
  if (named.length > 0) return named
  const names = [...new Set(volumes.map(({ volume }) => volume.name))]
  const hint =
    didYouMean(name, names) ?? (names.length > 0 ? `the volumes are ${names.join(', ')}` : undefined)
  throw new TaskError(`no volume is named ${name}`, {
    hint: hint ?? 'nodes: [{ name: kube1, volumes: … }] in cluster.yaml',
  })
}
