import { nodeStages } from './node-stages.ts'
import { podStages } from './pod-stages.ts'
import { loadBalancerStage, volumeStages } from './volume-stages.ts'

/** KWOK's configuration file: every Stage that the sandbox plays, one JSON document each, which is YAML. */
export function stagesText(kubernetesVersion: string): string {
  const stages = [...nodeStages(kubernetesVersion), ...podStages(), ...volumeStages(), loadBalancerStage()]
  return stages.map((stage) => `---\n${JSON.stringify(stage, null, 2)}\n`).join('')
}
