import { objectTitle } from '../../../manifest/object.ts'

/** As much of a Pod as draining its node looks at. */
export interface Pod {
  apiVersion: string
  kind: string
  metadata: {
    name: string
    namespace?: string
    uid?: string
    labels?: Record<string, string>
    annotations?: Record<string, string>
    ownerReferences?: { kind: string; name: string; controller?: boolean }[]
    deletionTimestamp?: string
  }
  spec: {
    volumes?: { name: string; emptyDir?: object; persistentVolumeClaim?: { claimName: string } }[]
  }
  status?: { phase?: string }
}

/** What becomes of a pod when its node is drained. */
export type Fate =
  | { kind: 'stays'; reason: string }
  /** `isUnowned`: nobody makes it again. */
  | { kind: 'leaves'; isUnowned: boolean; emptyDirs: string[]; claims: string[] }

/** Judges one pod by itself. */
export function fateOf(pod: Pod): Fate {
  const { annotations = {}, ownerReferences = [] } = pod.metadata
  if ('kubernetes.io/config.mirror' in annotations)
    return { kind: 'stays', reason: 'a static pod of the machine' }
  const owner = ownerReferences.find(({ controller }) => controller)
  if (owner?.kind === 'DaemonSet') return { kind: 'stays', reason: `of DaemonSet ${owner.name}` }
  const volumes = pod.spec.volumes ?? []
  const isFinished = ['Succeeded', 'Failed'].includes(pod.status?.phase ?? '')
  return {
    kind: 'leaves',
    isUnowned: !owner && !isFinished,
    emptyDirs: isFinished ? [] : volumes.filter(({ emptyDir }) => emptyDir).map(({ name }) => name),
    claims: isFinished ? [] : volumes.flatMap((one) => one.persistentVolumeClaim?.claimName ?? []),
  }
}

/** "default/web-1" */
export function podName({ metadata: { namespace, name } }: Pod): string {
  return `${namespace}/${name}`
}

/** "Pod default/web-1" */
export function podTitle(pod: Pod): string {
  return objectTitle(pod)
}
