import type { Field } from '../field.ts'
import { checkSelector } from './selector.ts'
import { checkChoice, checkCountOrPercent, checkExactlyOne, checkRange } from './values.ts'

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

/** A HorizontalPodAutoscaler. */
export function checkAutoscaler(object: Field): void {
  const spec = object.at('spec')
  const [least, most] = [spec.at('minReplicas'), spec.at('maxReplicas')]
  checkRange(least, { min: 1 })
  checkRange(most, { min: Math.max(1, least.number ?? 1) })
  checkRange(spec.at('targetCPUUtilizationPercentage'), { min: 1 })
  const target = spec.at('scaleTargetRef')
  const version = target.at('apiVersion')
  if (!target.isMissing && !version.text?.includes('/')) {
    version.error('expected a group and a version such as apps/v1', { got: true })
  }
  for (const metric of spec.at('metrics').items) checkMetric(metric)
}

const metricSources = ['resource', 'pods', 'object', 'external', 'containerResource']

function checkMetric(metric: Field): void {
  checkExactlyOne(metric, metricSources, 'the source of the metric')
  const type = metric.at('type')
  const source = type.text && type.text[0]!.toLowerCase() + type.text.slice(1)
  if (!source) return
  if (!metricSources.includes(source)) {
    type.error('expected Resource, Pods, Object, External or ContainerResource', { got: true })
  } else if (metric.at(source).isMissing) metric.at(source).error(`is required for the type ${type.text}`)
  else checkTarget(metric.at(source, 'target'))
}

function checkTarget(target: Field): void {
  checkChoice(target.at('type'), ['Utilization', 'Value', 'AverageValue'])
  checkRange(target.at('averageUtilization'), { min: 1 })
  const amounts = ['averageUtilization', 'averageValue', 'value'].map((name) => target.at(name))
  if (!target.isMissing && amounts.every((amount) => amount.isMissing)) target.error('names no amount')
}
