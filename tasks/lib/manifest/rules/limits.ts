import type { Field } from '../field.ts'
import { qualifiedName } from '../names.ts'
import { quantityValue } from '../quantities.ts'
import { checkSelector } from './selector.ts'
import {
  checkCountOrPercent,
  checkExactlyOne,
  checkFilled,
  checkNotNegative,
  checkRange,
  checkUnique,
} from './values.ts'

/** A ResourceQuota. */
export function checkResourceQuota(object: Field): void {
  for (const amount of object.at('spec', 'hard').fields) {
    if (!/^[\w./-]+$/.test(amount.key)) amount.error(`the name is not ${qualifiedName.expected}`)
    checkNotNegative(amount)
    const isCount = /^(count\/|pods$|services|secrets$|configmaps$|persistentvolumeclaims$)/.test(amount.key)
    const value = quantityValue(amount.value)
    if (isCount && value !== undefined && !Number.isInteger(value))
      amount.error('expected a whole number', { got: true })
  }
}

/** A LimitRange. */
export function checkLimitRange(object: Field): void {
  const limits = object.at('spec', 'limits')
  for (const limit of limits.items) checkLimit(limit)
  checkUnique(
    limits.items.map((limit) => limit.at('type')),
    'the type',
  )
}

function checkLimit(limit: Field): void {
  const type = limit.at('type')
  checkFilled(type)
  if (type.text && !type.text.includes('/') && !/^(Pod|Container|PersistentVolumeClaim)$/.test(type.text)) {
    type.error('expected Pod, Container or PersistentVolumeClaim', { got: true })
  }
  if (type.text === 'Pod') {
    for (const name of ['default', 'defaultRequest']) {
      if (!limit.at(name).isEmpty) limit.at(name).error('only limits of the type Container have it')
    }
  }
  for (const [less, more] of order) checkOrder(limit.at(less), limit.at(more))
}

const order = [
  ['min', 'defaultRequest'],
  ['min', 'default'],
  ['min', 'max'],
  ['defaultRequest', 'default'],
  ['defaultRequest', 'max'],
  ['default', 'max'],
] as const

function checkOrder(less: Field, more: Field): void {
  for (const amount of less.fields) {
    const other = more.at(amount.key)
    const [low, high] = [quantityValue(amount.value), quantityValue(other.value)]
    if (low === undefined || high === undefined || low <= high) continue
    amount.error(`expected at most the ${more.key}, ${other.value}`, { got: true })
  }
}

/** A PodDisruptionBudget. */
export function checkDisruptionBudget(object: Field): void {
  const spec = object.at('spec')
  const [least, most] = [spec.at('minAvailable'), spec.at('maxUnavailable')]
  if (!least.isMissing && !most.isMissing) {
    most.error('cannot stand beside minAvailable', { hint: 'keep one of the two' })
  }
  for (const amount of [least, most]) {
    checkCountOrPercent(amount)
    if (Number.parseInt(amount.text ?? '', 10) > 100) amount.error('expected at most 100%', { got: true })
  }
  checkSelector(spec.at('selector'))
}

const metricSources = ['resource', 'pods', 'object', 'external', 'containerResource']

/** A HorizontalPodAutoscaler. */
export function checkAutoscaler(object: Field): void {
  const spec = object.at('spec')
  const [least, most] = [spec.at('minReplicas'), spec.at('maxReplicas')]
  checkRange(least, { min: 1 })
  checkRange(most, { min: Math.max(1, least.number ?? 1) })
  for (const name of ['kind', 'name']) {
    checkFilled(spec.at('scaleTargetRef', name))
  }
  for (const metric of spec.at('metrics').items) {
    checkExactlyOne(metric, metricSources, 'the source of the metric')
    const type = metric.at('type')
    const source = type.text && type.text[0]!.toLowerCase() + type.text.slice(1)
    if (source && !metricSources.includes(source)) {
      type.error('expected Resource, Pods, Object, External or ContainerResource', { got: true })
    } else if (source && metric.at(source).isMissing)
      metric.at(source).error(`is required for the type ${type.text}`)
  }
}
