import { addressAnnotation } from '../nodes.ts'
import { isLasting, type Match, type Stage, stage, statusStep } from './stage.ts'

const ready = '.status.conditions.[] | select( .type == "Ready" ) | .status'
const isReady: Match = { key: ready, operator: 'In', values: ['True'] }
const isNotReady: Match = { key: ready, operator: 'NotIn', values: ['True'] }

/** A simulated Node becomes Ready at once and says so again every five minutes; KWOK itself renews its Lease. */
export function nodeStages(kubernetesVersion: string): Stage[] {
  return [
    stage('node-initialize', {
      kind: 'Node',
      matches: [isLasting, isNotReady],
      steps: [statusStep(`${conditions}${machine(kubernetesVersion)}`)],
    }),
    stage('node-heartbeat', {
      kind: 'Node',
      matches: [isLasting, isReady],
      delayMilliseconds: 300_000,
      steps: [statusStep(conditions)],
    }),
  ]
}

const conditions = `
{{ $now := Now | Quote }}
{{ $since := .metadata.creationTimestamp | Quote }}
conditions:
- { type: Ready, status: "True", reason: KubeletReady, message: simulated, lastHeartbeatTime: {{ $now }}, lastTransitionTime: {{ $since }} }
- { type: MemoryPressure, status: "False", reason: KubeletHasSufficientMemory, message: simulated, lastHeartbeatTime: {{ $now }}, lastTransitionTime: {{ $since }} }
- { type: DiskPressure, status: "False", reason: KubeletHasNoDiskPressure, message: simulated, lastHeartbeatTime: {{ $now }}, lastTransitionTime: {{ $since }} }
- { type: PIDPressure, status: "False", reason: KubeletHasSufficientPID, message: simulated, lastHeartbeatTime: {{ $now }}, lastTransitionTime: {{ $since }} }
- { type: NetworkUnavailable, status: "False", reason: Simulated, message: simulated, lastHeartbeatTime: {{ $now }}, lastTransitionTime: {{ $since }} }
`

function machine(kubernetesVersion: string): string {
  return `
addresses:
- { type: InternalIP, address: {{ index .metadata.annotations "${addressAnnotation}" | Quote }} }
- { type: Hostname, address: {{ .metadata.name | Quote }} }
capacity: { cpu: "16", memory: 64Gi, ephemeral-storage: 500Gi, pods: "250" }
allocatable: { cpu: "16", memory: 64Gi, ephemeral-storage: 500Gi, pods: "250" }
nodeInfo:
  architecture: amd64
  bootID: simulated
  containerRuntimeVersion: kwok://{{ Version }}
  kernelVersion: simulated
  kubeProxyVersion: ""
  kubeletVersion: v${kubernetesVersion}
  machineID: {{ .metadata.uid | Quote }}
  operatingSystem: linux
  osImage: simulated
  systemUUID: {{ .metadata.uid | Quote }}
`
}
