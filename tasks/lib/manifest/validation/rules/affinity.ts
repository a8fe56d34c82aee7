import type { Field } from '../field.ts'
import { labelValue, qualifiedName } from '../names.ts'
import { checkSelector } from './selector.ts'
import { checkFilled, checkName, checkRange } from './values.ts'

const hard = 'requiredDuringSchedulingIgnoredDuringExecution'
const soft = 'preferredDuringSchedulingIgnoredDuringExecution'

/** The affinity of a pod to nodes and to other pods. */
export function checkAffinity(affinity: Field): void {
  const node = affinity.at('nodeAffinity')
  checkNodeSelector(node.at(hard))
  for (const preferred of node.at(soft).items) {
    checkRange(preferred.at('weight'), { min: 1, max: 100 })
    checkTerm(preferred.at('preference'))
  }
  for (const pods of [affinity.at('podAffinity'), affinity.at('podAntiAffinity')]) {
    for (const term of pods.at(hard).items) checkPodTerm(term)
    for (const preferred of pods.at(soft).items) {
      checkRange(preferred.at('weight'), { min: 1, max: 100 })
      checkPodTerm(preferred.at('podAffinityTerm'))
    }
  }
}

/** A node selector, as in a pod's affinity and in a PersistentVolume. */
export function checkNodeSelector(selector: Field): void {
  if (selector.isMissing) return
  checkFilled(selector.at('nodeSelectorTerms'))
  for (const term of selector.at('nodeSelectorTerms').items) checkTerm(term)
}

function checkTerm(term: Field): void {
  for (const expression of term.at('matchExpressions').items) {
    checkName(expression.at('key'), qualifiedName)
    for (const value of expression.at('values').items) checkName(value, labelValue)
    checkValues(expression)
  }
  for (const field of term.at('matchFields').items) checkValues(field)
}

function checkValues(expression: Field): void {
  const [operator, values] = [expression.at('operator').text ?? '', expression.at('values')]
  if (/^(In|NotIn)$/.test(operator)) checkFilled(values)
  if (/^(Exists|DoesNotExist)$/.test(operator) && !values.isEmpty) {
    values.error(`cannot stand beside the operator ${operator}`)
  }
  if (/^(Gt|Lt)$/.test(operator) && values.items.length !== 1) {
    values.error(`expected one value for the operator ${operator}`)
  }
}

function checkPodTerm(term: Field): void {
  checkFilled(term.at('topologyKey'))
  checkName(term.at('topologyKey'), qualifiedName)
  checkSelector(term.at('labelSelector'))
  checkSelector(term.at('namespaceSelector'))
}
