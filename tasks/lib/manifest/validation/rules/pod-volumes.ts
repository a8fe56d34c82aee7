import type { Field } from '../field.ts'
import { label } from '../names.ts'
import { checkFieldPath, checkResource } from './environment.ts'
import { checkNodePath } from './node-path.ts'
import { checkClaimSpec } from './persistent-volume.ts'
import { checkExactlyOne, checkFilled, checkName, checkNotNegative, checkRange } from './values.ts'

/** The volumes of a pod. */
export function checkPodVolumes(volumes: Field): void {
  for (const volume of volumes.items) {
    checkName(volume.at('name'), label)
    checkFilled(volume.at('name'))
    checkSource(volume)
  }
}

function checkSource(volume: Field): void {
  const sources = volume.fields.filter((field) => field.key !== 'name' && !field.isMissing)
  if (sources.length > 1) {
    sources[1]!.error(`cannot stand beside ${sources[0]!.key}`, { hint: 'a volume has one source' })
  }
  if (sources.length === 0) {
    volume.warning('names no source: it becomes an emptyDir', { hint: 'write emptyDir: {} if that is meant' })
  }
  for (const source of sources) sourceRules[source.key]?.(source)
}

const sourceRules: Record<string, (source: Field) => void> = {
  configMap: (source) => checkKeys(source, 'name'),
  secret: (source) => checkKeys(source, 'secretName'),
  emptyDir: (source) => checkNotNegative(source.at('sizeLimit')),
  hostPath: (source) => checkNodePath(source.at('path')),
  persistentVolumeClaim: (source) => {
    checkFilled(source.at('claimName'))
  },
  projected: (source) => {
    checkMode(source.at('defaultMode'))
    for (const item of source.at('sources').items) checkProjection(item)
  },
  downwardAPI: (source) => checkDownward(source),
  ephemeral: (source) => checkClaimSpec(source.at('volumeClaimTemplate', 'spec')),
  nfs: (source) => {
    checkFilled(source.at('server'))
    const path = source.at('path')
    if (path.text && !path.text.startsWith('/')) path.error('expected an absolute path', { got: true })
  },
}

function checkProjection(item: Field): void {
  for (const name of ['configMap', 'secret']) if (!item.at(name).isMissing) checkKeys(item.at(name), 'name')
  checkDownward(item.at('downwardAPI'))
  checkRange(item.at('serviceAccountToken', 'expirationSeconds'), { min: 600, max: 2 ** 32 })
}

function checkDownward(source: Field): void {
  for (const item of source.at('items').items) {
    checkExactlyOne(item, ['fieldRef', 'resourceFieldRef'], 'what the file holds')
    checkFieldPath(item.at('fieldRef', 'fieldPath'))
    checkResource(item.at('resourceFieldRef', 'resource'))
    checkItemPath(item.at('path'))
    checkMode(item.at('mode'))
  }
}

function checkKeys(source: Field, name: 'name' | 'secretName'): void {
  checkFilled(source.at(name))
  checkMode(source.at('defaultMode'))
  for (const item of source.at('items').items) {
    checkFilled(item.at('key'))
    checkMode(item.at('mode'))
    checkItemPath(item.at('path'))
  }
}

function checkItemPath(path: Field): void {
  if (path.text === '') checkFilled(path)
  else if (path.text?.startsWith('/')) path.error('expected a path without "/" in front', { got: true })
  else if (path.text?.split('/').includes('..')) path.error('cannot hold ".."', { got: true })
}

function checkMode(mode: Field): void {
  const { number } = mode
  if (number === undefined || (number >= 0 && number <= 0o777)) return
  mode.error('expected a file mode, 0 to 0777', { got: true, hint: 'begin it with 0: 0644' })
}
