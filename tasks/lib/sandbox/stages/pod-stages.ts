import type { JsonMap } from '../../manifest/object.ts'
import { eventStep, isLasting, type Match, type Stage, stage, statusStep } from './stage.ts'

/**
 * A pod that carries this annotation does not become ready but shows one of the troubles that waiting has to
 * tell: "crash", "image-pull", "unready", "fail".
 */
const simulateAnnotation = 'metaltasks/simulate'

const phase = (...values: string[]): Match => ({ key: '.status.phase', operator: 'In', values })
const simulate = `.metadata.annotations["${simulateAnnotation}"]`
const isHealthy: Match = { key: simulate, operator: 'DoesNotExist' }
const isOfJob: Match = { key: '.metadata.ownerReferences.[].kind', operator: 'In', values: ['Job'] }

/** Scheduled pods run and are ready at once, those of a Job complete after a second, deleted ones are gone. */
export function podStages(): Stage[] {
  return [
    pod('pod-ready', [isLasting, isHealthy, phase('Pending')], [statusStep(running('true'))]),
    pod('pod-complete', [isLasting, isHealthy, isOfJob, phase('Running')], [statusStep(ended(0))], 1000),
    trouble('crash', [
      eventStep('Warning', 'BackOff', 'Back-off restarting failed container'),
      statusStep(crashing),
    ]),
    trouble('image-pull', [
      eventStep('Warning', 'Failed', 'Failed to pull image: simulated'),
      statusStep(withoutImage),
    ]),
    trouble('unready', [
      eventStep('Warning', 'Unhealthy', 'Readiness probe failed: simulated'),
      statusStep(running('false')),
    ]),
    trouble('fail', [statusStep(`${ended(1)}${addresses}`)]),
    pod('pod-delete', [{ key: '.metadata.deletionTimestamp', operator: 'Exists' }], [{ delete: true }]),
  ]
}

function pod(name: string, matches: Match[], steps: JsonMap[], delayMilliseconds?: number): Stage {
  return stage(name, { kind: 'Pod', matches, steps, delayMilliseconds })
}

function trouble(name: string, steps: JsonMap[]): Stage {
  const isAsked: Match = { key: simulate, operator: 'In', values: [name] }
  const hasNoContainers: Match = { key: '.status.containerStatuses', operator: 'DoesNotExist' }
  return pod(`pod-${name}`, [isLasting, isAsked, hasNoContainers, phase('Pending')], steps)
}

const now = '{{ $now := Now | Quote }}\n'

const addresses = `
{{ $hosts := NodeIPsWith .spec.nodeName }}
{{ with $hosts }}
hostIP: {{ index . 0 | Quote }}
hostIPs: [{{ range $index, $ip := . }}{{ if $index }}, {{ end }}{ ip: {{ $ip | Quote }} }{{ end }}]
{{ end }}
{{ $pods := PodIPsWith .spec.nodeName ( or .spec.hostNetwork false ) ( or .metadata.uid "" ) ( or .metadata.name "" ) ( or .metadata.namespace "" ) }}
{{ with $pods }}
podIP: {{ index . 0 | Quote }}
podIPs: [{{ range $index, $ip := . }}{{ if $index }}, {{ end }}{ ip: {{ $ip | Quote }} }{{ end }}]
{{ end }}
startTime: {{ $now }}
`

/** Init containers have done their work; those with restartPolicy Always are sidecars and go on. */
const initContainers = `
{{ with .spec.initContainers }}
initContainerStatuses:
{{ range . }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: simulated
  restartCount: 0
  ready: true
  {{ if eq (or .restartPolicy "") "Always" }}
  started: true
  state: { running: { startedAt: {{ $now }} } }
  {{ else }}
  state: { terminated: { exitCode: 0, reason: Completed, startedAt: {{ $now }}, finishedAt: {{ $now }} } }
  {{ end }}
{{ end }}
{{ end }}
`

function running(isReady: 'true' | 'false'): string {
  const containers = `
  ready: ${isReady}
  started: true
  state: { running: { startedAt: {{ $now }} } }`
  return `${now}phase: Running\n${conditions(isReady)}${containerStatuses(containers)}${initContainers}${addresses}`
}

function ended(exitCode: 0 | 1): string {
  const reason = exitCode === 0 ? 'Completed' : 'Error'
  const containers = `
  ready: false
  started: false
  state: { terminated: { exitCode: ${exitCode}, reason: ${reason}, startedAt: {{ $now }}, finishedAt: {{ $now }} } }`
  const phaseReason = exitCode === 0 ? 'PodCompleted' : 'PodFailed'
  const status = exitCode === 0 ? 'Succeeded' : 'Failed'
  return `${now}phase: ${status}\n${conditions('false', phaseReason)}${containerStatuses(containers)}${initContainers}`
}

const crashing = `${now}phase: Running\n${conditions('false')}${containerStatuses(`
  ready: false
  started: false
  restartCount: 5
  state: { waiting: { reason: CrashLoopBackOff, message: back-off 2m40s restarting failed container } }
  lastState: { terminated: { exitCode: 1, reason: Error, startedAt: {{ $now }}, finishedAt: {{ $now }} } }`)}${initContainers}${addresses}`

const withoutImage = `${now}phase: Pending\n${conditions('false')}${containerStatuses(`
  ready: false
  started: false
  state: { waiting: { reason: ImagePullBackOff, message: {{ printf "Back-off pulling image %q" .image | Quote }} } }`)}${initContainers}${addresses}`

function conditions(isReady: 'true' | 'false', reason = 'ContainersNotReady'): string {
  const ready =
    isReady === 'true' ? 'status: "True"' : `status: "False", reason: ${reason}, message: simulated`
  return `conditions:
- { type: PodReadyToStartContainers, status: "True", lastTransitionTime: {{ $now }} }
- { type: Initialized, status: "True", lastTransitionTime: {{ $now }} }
- { type: ContainersReady, ${ready}, lastTransitionTime: {{ $now }} }
- { type: Ready, ${ready}, lastTransitionTime: {{ $now }} }
{{ range .spec.readinessGates }}
- { type: {{ .conditionType | Quote }}, status: "True", lastTransitionTime: {{ $now }} }
{{ end }}
`
}

function containerStatuses(state: string): string {
  const count = state.includes('restartCount') ? '' : '\n  restartCount: 0'
  return `containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: simulated${count}${state}
{{ end }}
`
}
