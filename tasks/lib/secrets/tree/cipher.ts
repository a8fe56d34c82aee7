import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { type Comment, comment, type Scalar } from './tree.ts'
import { parseValue, type ValueType, valueBytes, valueType } from './values.ts'

const algorithm = 'aes-256-gcm'
const tagLength = 16
const beginning = 'ENC[AES256_GCM,data:'
const types: readonly string[] = [
  'str',
  'int',
  'float',
  'bool',
  'bytes',
  'time',
  'comment',
] satisfies ValueType[]

/** True for a text that was encrypted, or looks so. */
export function isEncrypted(text: string): boolean {
  return partsOf(text) !== undefined
}

interface Parts {
  data: string
  iv: string
  tag: string
  type: string
}

/**
 * What sops finds with ^ENC\[AES256_GCM,data:(.+),iv:(.+),tag:(.+),type:(.+)\], each part as long as it can be: from the
 * end back, since a text made for it keeps a regular expression busy for days.
 */
function partsOf(text: string): Parts | undefined {
  if (!text.startsWith(beginning)) return undefined
  const end = text.lastIndexOf(']')
  const type = before(text, ',type:', end)
  const tag = before(text, ',tag:', type.start)
  const iv = before(text, ',iv:', tag.start)
  if (iv.start <= beginning.length) return undefined
  return {
    data: text.slice(beginning.length, iv.start),
    iv: text.slice(iv.end, tag.start),
    tag: text.slice(tag.end, type.start),
    type: text.slice(type.end, end),
  }
}

// The last of its kind with at least one character between it and the next one; start is negative where there is none.
function before(text: string, mark: string, next: number): { start: number; end: number } {
  const latest = next - mark.length - 1
  const start = latest < 0 ? -1 : text.lastIndexOf(mark, latest)
  return { start, end: start + mark.length }
}

/**
 * A value, or the text of a comment, as "ENC[AES256_GCM,…]": AES-256-GCM with a random IV of 32 bytes.
 * `authenticated` is the additional data: the path with a colon behind each key. Empty text stays empty.
 */
export function encryptValue(
  value: Exclude<Scalar, null> | Comment,
  { key, authenticated }: { key: Uint8Array; authenticated: string },
): string {
  const isComment = typeof value === 'object' && 'type' in value
  const bytes = isComment ? Buffer.from(value.text) : valueBytes(value)
  if (bytes.length === 0) return ''
  const iv = randomBytes(32)
  const cipher = createCipheriv(algorithm, key, iv)
  cipher.setAAD(Buffer.from(authenticated))
  const data = Buffer.concat([cipher.update(bytes), cipher.final()]).toString('base64')
  const type = isComment ? 'comment' : valueType(value)
  const tag = cipher.getAuthTag().toString('base64')
  return `ENC[AES256_GCM,data:${data},iv:${iv.toString('base64')},tag:${tag},type:${type}]`
}

/** What was encrypted. Throws a plain Error that says what does not fit, without any of the text. */
export function decryptValue(
  text: string,
  { key, authenticated }: { key: Uint8Array; authenticated: string },
): Exclude<Scalar, null> | Comment {
  if (text === '') return ''
  const parts = partsOf(text)
  if (!parts) throw new Error('the value is not encrypted: it does not match ENC[AES256_GCM,…]')
  const { data, iv, tag, type } = parts
  if (!types.includes(type)) throw new Error(`the value has the unknown type ${type.slice(0, 20)}`)
  const sealed = Buffer.concat([base64(data, 'data'), base64(tag, 'tag')])
  const bytes = opened(sealed, { key, iv: base64(iv, 'iv'), authenticated })
  const value = parseValue(type as ValueType, bytes)
  return type === 'comment'
    ? comment(typeof value === 'string' ? value : Buffer.from(bytes).toString())
    : value
}

// The tag is the last 16 bytes of data and tag together, as Go takes it: never a shorter one.
function opened(
  sealed: Buffer,
  { key, iv, authenticated }: { key: Uint8Array; iv: Buffer; authenticated: string },
): Buffer {
  try {
    const decipher = createDecipheriv(algorithm, key, iv)
    decipher.setAAD(Buffer.from(authenticated))
    decipher.setAuthTag(sealed.subarray(-tagLength))
    return Buffer.concat([decipher.update(sealed.subarray(0, -tagLength)), decipher.final()])
  } catch {
    throw new Error(
      'the value was changed after it was encrypted, moved to another key, or the key is not its own',
    )
  }
}

// Go's StdEncoding: padded, nothing but the alphabet (line ends are skipped); slack bits of the last digit do not count.
function base64(text: string, part: string): Buffer {
  const digits = text.replaceAll(/[\r\n]/g, '')
  if (digits.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(digits)) {
    throw new Error(`the ${part} of the value is not base64`)
  }
  return Buffer.from(digits, 'base64')
}
