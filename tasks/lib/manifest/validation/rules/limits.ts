import { didYouMean } from '../../../cli/suggest.ts'
import type { Field } from '../field.ts'
import { qualifiedName } from '../names.ts'
import { quantityValue } from '../quantities.ts'
import { checkFilled, checkNotNegative, checkUnique } from './values.ts'

/** A ResourceQuota. */
export function checkResourceQuota(object: Field): void {
  for (const amount of object.at('spec', 'hard').fields) {
    checkResourceName(amount)
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
  for (const name of ['min', 'max', 'default', 'defaultRequest'])
    limit.at(name).fields.forEach(checkResourceName)
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

const countable =
  'configmaps persistentvolumeclaims pods replicationcontrollers resourcequotas secrets services services.loadbalancers services.nodeports'

/** "cpu", "requests.memory", "count/jobs.batch", "example.com/gpu". */
function checkResourceName(amount: Field): void {
  const { key } = amount
  const name = key.replace(/^(requests|limits)\./, '')
  if (
    /^(cpu|memory|storage|ephemeral-storage|hugepages-\w+)$/.test(name) ||
    countable.split(' ').includes(key)
  )
    return
  if (key.includes('/') && qualifiedName.accepts(name.split('/').slice(-2).join('/'))) return
  amount.error('unknown resource', {
    hint: didYouMean(key, ['cpu', 'memory', 'storage', ...countable.split(' ')]),
  })
}
