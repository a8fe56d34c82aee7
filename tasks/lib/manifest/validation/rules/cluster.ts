import type { Field } from '../field.ts'
import { label, labelValue, qualifiedName, subdomain } from '../names.ts'
import { checkFilled, checkName, checkRange } from './values.ts'

const highestPriority = 1_000_000_000

/** A StorageClass. */
export function checkStorageClass(object: Field): void {
  checkFilled(object.at('provisioner'))
  checkName(object.at('provisioner'), caseless)
  for (const value of object.at('parameters').fields) {
    if (value.key === '') value.error('the key is empty')
  }
}

const caseless = { ...qualifiedName, accepts: (text: string) => qualifiedName.accepts(text.toLowerCase()) }

/** A PriorityClass. */
export function checkPriorityClass(object: Field): void {
  const name = object.at('metadata', 'name')
  const isSystem = /^system-(node|cluster)-critical$/.test(name.text ?? '')
  if (name.text?.startsWith('system-') && !isSystem) {
    name.error('"system-" in front is reserved', { got: true })
  }
  const value = object.at('value')
  if (!isSystem && (value.number ?? 0) > highestPriority) {
    value.error(`expected at most ${highestPriority}`, { got: true })
  }
}

/** A Node, for its labels and taints. */
export function checkNode(object: Field): void {
  for (const taint of object.at('spec', 'taints').items) {
    checkName(taint.at('key'), qualifiedName)
    checkName(taint.at('value'), labelValue)
  }
}

/** A RuntimeClass. */
export function checkRuntimeClass(object: Field): void {
  checkName(object.at('handler'), label)
}

/** An APIService: its name says which version of which group it answers. */
export function checkApiService(object: Field): void {
  const spec = object.at('spec')
  const [name, group, version] = [object.at('metadata', 'name'), spec.at('group'), spec.at('version')]
  if (!checkFilled(group) || !checkFilled(version)) return
  const expected = `${version.text}.${group.text}`
  if (name.text && group.text && version.text && name.text !== expected) {
    name.error(`expected ${expected}, the version and the group`, { got: true })
  }
  checkName(group, subdomain)
  checkRange(spec.at('groupPriorityMinimum'), { min: 1, max: 20000 })
  checkRange(spec.at('versionPriority'), { min: 1, max: 1000 })
  const service = spec.at('service')
  for (const name of service.isMissing ? [] : ['namespace', 'name']) checkFilled(service.at(name))
  if (spec.at('insecureSkipTLSVerify').value === true && !spec.at('caBundle').isEmpty) {
    spec.at('insecureSkipTLSVerify').error('cannot stand beside caBundle')
  }
}
