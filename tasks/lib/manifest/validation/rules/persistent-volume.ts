import type { Field } from '../field.ts'
import { subdomain } from '../names.ts'
import { quantityValue } from '../quantities.ts'
import { checkNodeSelector } from './affinity.ts'
import { checkNodePath } from './node-path.ts'
import { checkSelector } from './selector.ts'
import { checkFilled, checkName } from './values.ts'

const notSources = new Set([
  'accessModes',
  'capacity',
  'claimRef',
  'mountOptions',
  'nodeAffinity',
  'persistentVolumeReclaimPolicy',
  'storageClassName',
  'volumeAttributesClassName',
  'volumeMode',
])

/** A PersistentVolume. */
export function checkPersistentVolume(object: Field): void {
  const spec = object.at('spec')
  checkCapacity(spec.at('capacity'))
  checkAccessModes(spec.at('accessModes'))
  checkName(spec.at('storageClassName'), subdomain)
  checkNodeSelector(spec.at('nodeAffinity', 'required'))
  checkVolumeSource(spec)
}

/** A PersistentVolumeClaim. */
export function checkPersistentVolumeClaim(object: Field): void {
  if (checkFilled(object.at('spec'))) checkClaimSpec(object.at('spec'))
}

/** The spec of a claim, as in volumeClaimTemplates too. */
export function checkClaimSpec(spec: Field): void {
  checkAccessModes(spec.at('accessModes'))
  checkSelector(spec.at('selector'))
  checkName(spec.at('storageClassName'), subdomain)
  const storage = spec.at('resources', 'requests', 'storage')
  if (checkFilled(storage, { hint: 'for example storage: 1Gi' })) checkPositive(storage)
}

function checkCapacity(capacity: Field): void {
  if (!checkFilled(capacity, { hint: 'add capacity with storage, for example storage: 1Gi' })) return
  if (checkFilled(capacity.at('storage'))) checkPositive(capacity.at('storage'))
  for (const other of capacity.fields) {
    if (other.key !== 'storage') other.error('a PersistentVolume has storage only')
  }
}

function checkAccessModes(modes: Field): void {
  if (!checkFilled(modes, { hint: 'for example - ReadWriteOnce' })) return
  const alone = modes.items.find((mode) => mode.text === 'ReadWriteOncePod')
  if (alone && modes.items.some((mode) => mode.text !== alone.text))
    alone.error('cannot stand beside other access modes')
}

function checkPositive(quantity: Field): void {
  const value = quantityValue(quantity.value)
  if (value !== undefined && value <= 0) quantity.error('expected more than 0', { got: true })
}

function checkVolumeSource(spec: Field): void {
  const sources = spec.fields.filter((field) => !notSources.has(field.key) && !field.isMissing)
  if (sources.length > 1) {
    sources[1]!.error(`cannot stand beside ${sources[0]!.key}`, { hint: 'a PersistentVolume has one source' })
  }
  if (sources.length === 0)
    spec.error('the source of the volume is missing', { hint: 'add local, nfs, csi or another' })
  const local = spec.at('local')
  if (!local.isMissing) {
    checkNodePath(local.at('path'))
    checkFilled(spec.at('nodeAffinity', 'required'), { hint: 'a local volume names the node it is on' })
  }
  checkNodePath(spec.at('hostPath', 'path'))
  checkName(spec.at('csi', 'driver'), subdomain)
  const path = spec.at('nfs', 'path')
  if (path.text && !path.text.startsWith('/')) path.error('expected an absolute path', { got: true })
}
