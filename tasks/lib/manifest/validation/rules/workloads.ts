import type { Field } from '../field.ts'
import { label } from '../names.ts'
import { checkClaimSpec } from './persistent-volume.ts'
import { checkPod, checkPodTemplate } from './pod.ts'
import { checkWorkloadSelector } from './selector.ts'
import { checkChoice, checkCountOrPercent, checkName, checkRange } from './values.ts'

/** A Pod by itself. */
export function checkPodObject(object: Field): void {
  const spec = object.at('spec')
  checkPod(spec)
  for (const container of [...spec.at('containers').items, ...spec.at('initContainers').items]) {
    const image = container.at('image')
    if (image.text && image.text !== image.text.trim())
      image.error('cannot begin or end with a space', { got: true })
  }
}

/** A Deployment. */
export function checkDeployment(object: Field): void {
  const spec = object.at('spec')
  checkLastingPods(spec)
  const strategy = spec.at('strategy')
  checkRollingUpdate(strategy)
  const [deadline, ready] = [spec.at('progressDeadlineSeconds'), spec.at('minReadySeconds').number ?? 0]
  if (deadline.number !== undefined && deadline.number <= ready) {
    deadline.error(`expected more than minReadySeconds, ${ready}`, { got: true })
  }
}

/** A ReplicaSet. */
export function checkReplicaSet(object: Field): void {
  checkLastingPods(object.at('spec'))
}

/** A DaemonSet. */
export function checkDaemonSet(object: Field): void {
  checkLastingPods(object.at('spec'))
  checkRollingUpdate(object.at('spec', 'updateStrategy'))
}

/** A StatefulSet. */
export function checkStatefulSet(object: Field): void {
  const spec = object.at('spec')
  const claims = spec.at('volumeClaimTemplates').items
  checkLastingPods(spec, claims)
  checkName(spec.at('serviceName'), label)
  for (const claim of claims) {
    if (!claim.isMissing) checkClaimSpec(claim.at('spec'))
  }
  const strategy = spec.at('updateStrategy')
  checkRange(strategy.at('rollingUpdate', 'partition'), { min: 0 })
  if (strategy.at('type').text === 'OnDelete' && !strategy.at('rollingUpdate').isMissing) {
    strategy.at('rollingUpdate').error('cannot stand beside the type OnDelete')
  }
}

function checkLastingPods(spec: Field, claims: Field[] = []): void {
  checkWorkloadSelector(spec)
  checkRange(spec.at('replicas'), { min: 0 })
  checkRange(spec.at('minReadySeconds'), { min: 0 })
  checkRange(spec.at('revisionHistoryLimit'), { min: 0 })
  const template = spec.at('template')
  if (template.isMissing) return
  checkPodTemplate(template, { claims })
  checkChoice(template.at('spec', 'restartPolicy'), ['Always'], {
    hint: 'remove it; a Job is for pods that end',
  })
  const deadline = template.at('spec', 'activeDeadlineSeconds')
  if (!deadline.isMissing) deadline.error('only Pods and Jobs have it')
}

function checkRollingUpdate(strategy: Field): void {
  const rolling = strategy.at('rollingUpdate')
  if (rolling.isMissing) return
  const type = strategy.at('type').text
  if (type === 'Recreate') {
    rolling.error('cannot stand beside the type Recreate')
    return
  }
  const [unavailable, surge] = [rolling.at('maxUnavailable'), rolling.at('maxSurge')]
  checkCountOrPercent(unavailable)
  checkCountOrPercent(surge)
  if (isZero(unavailable.value) && isZero(surge.value)) {
    unavailable.error('cannot be 0 together with maxSurge: no pod could be replaced')
  }
  if (isOver100(unavailable.text)) unavailable.error('expected at most 100%', { got: true })
}

const isZero = (value: unknown) => value === 0 || value === '0%'
const isOver100 = (text = '') => /^\d+%$/.test(text) && Number.parseInt(text, 10) > 100
