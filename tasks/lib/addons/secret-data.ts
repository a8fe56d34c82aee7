import { registerSecretValues } from '../api/objects/masking.ts'
import type { KubernetesObject, ManifestObject } from '../manifest/object.ts'

/**
 * The Secret as the server keeps it: stringData becomes data and wins over it, base64 in one line. The server would do
 * the same, but a field that it moves looks changed on every run.
 */
export function withPlainData(entry: ManifestObject): ManifestObject {
  const { object } = entry
  if (object.kind !== 'Secret' || object.apiVersion !== 'v1') return entry
  registerSecretValues(object)
  const { stringData, data, ...rest } = object
  const merged = { ...mapValues(data, oneLine), ...mapValues(stringData, encoded) }
  const plain = { ...rest, ...(data || stringData ? { data: merged } : {}) } as KubernetesObject
  const isString = (key: string) => Object.hasOwn((stringData as object | undefined) ?? {}, key)
  const placeOf = (path: string) => {
    const key = /^data(?:\.|\[)(.*?)\]?$/.exec(path)?.[1]
    return entry.placeOf(key !== undefined && isString(key) ? path.replace(/^data/, 'stringData') : path)
  }
  return { ...entry, object: plain, placeOf }
}

const encoded = (text: string) => Buffer.from(text).toString('base64')
const oneLine = (text: string) => text.replaceAll(/\s/g, '')

function mapValues(values: unknown, change: (text: string) => string): Record<string, string> {
  const entries = Object.entries((values as Record<string, unknown> | null | undefined) ?? {})
  return Object.fromEntries(entries.map(([key, value]) => [key, change(String(value ?? ''))]))
}
