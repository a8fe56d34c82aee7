import type { Field } from '../field.ts'
import { dataKey } from '../names.ts'
import { checkFilled } from './values.ts'

const sizeLimit = 1024 * 1024

/** A ConfigMap. */
export function checkConfigMap(object: Field): void {
  const [data, binary] = [object.at('data'), object.at('binaryData')]
  checkKeys([data, binary])
  for (const entry of data.fields) {
    if (!binary.at(entry.key).isMissing)
      entry.error('is in binaryData too', { hint: 'remove one of the two' })
  }
  checkSize(object, sizeOf(data, textSize) + sizeOf(binary, base64Size))
}

/** A Secret; its values are never shown. */
export function checkSecret(object: Field): void {
  const [data, plain] = [object.at('data'), object.at('stringData')]
  checkKeys([data, plain])
  checkSize(object, sizeOf(data, base64Size) + sizeOf(plain, textSize))
  checkSecretType(object)
}

function checkKeys(maps: Field[]): void {
  for (const entry of maps.flatMap((map) => map.fields)) {
    if (!dataKey.accepts(entry.key)) entry.error(`expected as the key ${dataKey.expected}`)
  }
}

function checkSize(object: Field, size: number): void {
  if (size <= sizeLimit) return
  object.error(`holds ${size} bytes, more than the ${sizeLimit} that the API server takes`, {
    hint: 'split it into several',
  })
}

const sizeOf = (map: Field, size: (text: string) => number) =>
  map.fields.reduce((sum, entry) => sum + size(entry.text ?? ''), 0)
const textSize = (text: string) => Buffer.byteLength(text)
const base64Size = (text: string) => Math.floor((text.replace(/[\r\n=]/g, '').length * 3) / 4)

const keysOfType: Record<string, string[]> = {
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
}

function checkSecretType(object: Field): void {
  const type = object.at('type').text ?? ''
  const has = (key: string) => ['data', 'stringData'].some((map) => object.at(map, key).value !== undefined)
  const isOwn = Object.hasOwn(keysOfType, type)
  for (const key of isOwn ? keysOfType[type]! : []) {
    if (!has(key)) object.at('data', key).error(`is required for a Secret of type ${type}`)
  }
  if (type === 'kubernetes.io/basic-auth' && !has('username') && !has('password')) {
    object.at('data', 'username').error(`username or password is required for a Secret of type ${type}`)
  }
  if (type === 'kubernetes.io/service-account-token') {
    checkFilled(object.at('metadata', 'annotations', 'kubernetes.io/service-account.name'))
  }
  if (type === 'kubernetes.io/dockerconfigjson') checkDockerConfig(object)
}

function checkDockerConfig(object: Field): void {
  const [encoded, plain] = ['data', 'stringData'].map((map) => object.at(map, '.dockerconfigjson'))
  const field = plain!.isMissing ? encoded! : plain!
  const text = plain!.text ?? Buffer.from(encoded!.text ?? '', 'base64').toString()
  if (field.isMissing) return
  try {
    JSON.parse(text)
  } catch {
    field.error('expected JSON', { hint: 'it is the text of a ~/.docker/config.json' })
  }
}
