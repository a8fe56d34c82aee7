import { createHmac, randomBytes } from 'node:crypto'
import { registerSecret } from '../../cli/redact.ts'
import type { KubernetesObject } from '../../manifest/object.ts'
import { isMap } from '../compare/values.ts'

/** True for a Secret of the core group. */
export function isSecret({ apiVersion, kind }: Pick<KubernetesObject, 'apiVersion' | 'kind'>): boolean {
  return apiVersion === 'v1' && kind === 'Secret'
}

/** The Secret with each value replaced by a hash that tells equal from different within this run, and nothing else. */
export function maskSecret(secret: KubernetesObject): KubernetesObject {
  const masked: KubernetesObject = { ...secret }
  if (secret.data) masked.data = maskValues(secret.data, (value) => Buffer.from(String(value), 'base64'))
  if (secret.stringData)
    masked.stringData = maskValues(secret.stringData, (value) => Buffer.from(String(value)))
  return masked
}

/**
 * Keeps the Secret's values out of everything that is printed from here on: a container's log may quote them.
 * Only what cannot be an ordinary word: "default" or "admin" blanked everywhere would help nobody.
 */
export function registerSecretValues(secret: KubernetesObject): void {
  for (const value of plainValues(secret))
    if (/^(?=.*[A-Za-z])(?=.*\d)\S{12,}$/.test(value)) registerSecret(value)
}

/** A server's message about a Secret, without the values that it may quote. */
export function withoutValues(text: string, secret: KubernetesObject): string {
  const values = plainValues(secret).filter((value) => value !== '')
  return values
    .sort((a, b) => b.length - a.length)
    .reduce((rest, value) => rest.replaceAll(value, '(masked)'), text)
}

// One key for each run: a hash cannot be compared with another run's, nor guessed from a list of likely values.
const runKey = randomBytes(32)

function maskValues(values: unknown, bytesOf: (value: unknown) => Buffer): Record<string, string> {
  const entries = Object.entries(isMap(values) ? values : {})
  return Object.fromEntries(
    entries.map(([key, value]) => {
      const hash = createHmac('sha256', runKey).update(bytesOf(value)).digest('hex')
      return [key, `(masked) ${hash.slice(0, 8)}`]
    }),
  )
}

function plainValues(secret: KubernetesObject): string[] {
  const data = Object.values(isMap(secret.data) ? secret.data : {}).map(String)
  const strings = Object.values(isMap(secret.stringData) ? secret.stringData : {}).map(String)
  return [...data, ...data.map((value) => Buffer.from(value, 'base64').toString()), ...strings]
}
