import { YamlError } from './syntax/cursor.ts'

const maxBytes = 32 * 1024 * 1024
const forbidden = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]/

/** The text of a file: UTF-8, or UTF-16 that says so with a byte order mark. Throws a YamlError. */
export function readText(bytes: Uint8Array): string {
  if (bytes.length > maxBytes) throw new YamlError('is larger than 32 MiB', { line: 0 })
  const text = decode(bytes)
  const found = forbidden.exec(text)
  if (!found) return text
  const code = found[0].charCodeAt(0).toString(16).padStart(4, '0')
  const message = `holds the control character U+${code.toUpperCase()}: write it as an escape in double quotes`
  throw new YamlError(message, { line: text.slice(0, found.index).split('\n').length - 1 })
}

function decode(bytes: Uint8Array): string {
  const [first, second] = bytes
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8'
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: encoding === 'utf-8' }).decode(bytes)
  } catch {
    throw new YamlError(`is not ${encoding.toUpperCase()}`, { line: 0 })
  }
}
