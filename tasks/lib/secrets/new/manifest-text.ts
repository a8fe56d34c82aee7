import type { SecretValues } from './secret-values.ts'

/** The clear text of a Secret's manifest, in the order people read it. Texts go to stringData, other bytes to data. */
export function secretManifest({
  name,
  namespace,
  type,
  values,
}: {
  name: string
  namespace?: string
  type: string
  values: SecretValues
}): string {
  const texts = Object.entries(values).filter((pair): pair is [string, string] => typeof pair[1] === 'string')
  const bytes = Object.entries(values).filter(
    (pair): pair is [string, Uint8Array] => typeof pair[1] !== 'string',
  )
  return lines(
    'apiVersion: v1',
    'kind: Secret',
    'metadata:',
    `    name: ${scalar(name)}`,
    namespace && `    namespace: ${scalar(namespace)}`,
    `type: ${type}`,
    bytes.length > 0 && 'data:',
    ...bytes.map(([key, value]) => `    ${keyText(key)}: ${Buffer.from(value).toString('base64')}`),
    texts.length > 0 && 'stringData:',
    ...texts.map(([key, value]) => `    ${keyText(key)}: ${valueText(value)}`),
  )
}

/** The clear text of a dotenv file. Values of several lines are written as sops does, with \n. */
export function dotenvText(values: SecretValues): string {
  return lines(
    ...Object.entries(values).map(([key, value]) => `${key}=${String(value).replaceAll('\n', '\\n')}`),
  )
}

function lines(...all: (string | false | undefined)[]): string {
  return all
    .filter((line) => typeof line === 'string')
    .map((line) => `${line}\n`)
    .join('')
}

// "on", "y", "1e3" and "2024-01-02" are texts here, whatever a YAML reader makes of them.
function keyText(key: string): string {
  return /^[A-Za-z_.][\w.-]*$/.test(key) &&
    !/^(y|n|yes|no|on|off|true|false|null|\.inf|\.nan|\.\d.*)$/i.test(key)
    ? key
    : JSON.stringify(key)
}

function scalar(text: string): string {
  return keyText(text)
}

// A key in PEM stays readable as a block; everything else is quoted, so that it is a text for certain.
function valueText(value: string): string {
  const isBlock =
    /\n[^\n]/.test(value) && /^[\x20-\x7e\n]*$/.test(value) && !/^\s|[ ]\n|\n\n$|[ ]$/.test(value)
  if (!isBlock) return JSON.stringify(value)
  const body = value.replace(/\n$/, '').split('\n')
  const indented = body.map((line) => (line === '' ? '' : `        ${line}`))
  return `${value.endsWith('\n') ? '|' : '|-'}\n${indented.join('\n')}`
}
