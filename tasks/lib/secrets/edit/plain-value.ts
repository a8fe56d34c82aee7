import { SecretError } from '../errors.ts'
import { type MapNode, type Scalar, Timestamp } from '../tree/tree.ts'
import { valueBytes } from '../tree/values.ts'
import { type Found, isBase64 } from './value-path.ts'

/** A value as a program takes it: the bytes of a text, digits, true or false; what data of a Secret holds is decoded. */
export function plainBytes(
  { node, path, name }: Found,
  { branches, file, raw = false }: { branches: MapNode[]; file: string; raw?: boolean },
): Uint8Array {
  const value = node.type === 'leaf' ? node.value : null
  if (value === null) return new Uint8Array()
  if (raw || !isBase64(branches, path)) return scalarBytes(value)
  const bytes = decoded(value)
  if (bytes) return bytes
  throw new SecretError(`${name} is not base64, as a value of a Secret's data has to be`, {
    ...{ code: 'generic', file, hint: 'as it stands in the file: --raw' },
  })
}

function scalarBytes(value: Exclude<Scalar, null>): Uint8Array {
  if (typeof value === 'boolean') return Buffer.from(String(value))
  return value instanceof Timestamp ? Buffer.from(value.text) : valueBytes(value)
}

// Undefined where a value is no base64.
function decoded(value: Scalar): Buffer | undefined {
  if (typeof value !== 'string') return undefined
  const text = value.replace(/\s/g, '')
  const isValid = text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)
  return isValid ? Buffer.from(text, 'base64') : undefined
}
