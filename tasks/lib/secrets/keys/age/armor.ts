const begin = '-----BEGIN AGE ENCRYPTED FILE-----'
const end = '-----END AGE ENCRYPTED FILE-----'
const columns = 64

/** An age file as text, as age writes it: 64 columns, and a line end at the end. */
export function armor(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('base64')
  return `${[begin, ...(text.match(/.{1,64}/g) ?? []), end].join('\n')}\n`
}

/** Whether a text, or the bytes of one, is armored. */
export function isArmored(text: string): boolean {
  return text.trimStart().startsWith(begin)
}

/** The bytes of an armored age file. Throws a plain Error. Source: age-encryption.org/v1, "ASCII armor". */
export function dearmor(text: string): Buffer {
  const lines = text.trim().split(/\r?\n/)
  if (lines[0] !== begin) throw new Error(`it does not begin with ${begin}`)
  if (lines.at(-1) !== end) throw new Error(`it does not end with ${end}`)
  const body = lines.slice(1, -1)
  const wrong = body.findIndex((line, index) =>
    index === body.length - 1 ? line.length > columns || line === '' : line.length !== columns,
  )
  if (wrong >= 0) throw new Error(`line ${wrong + 2} of the armor has ${body[wrong]!.length} characters`)
  const base64 = body.join('')
  const bytes = Buffer.from(base64, 'base64')
  // Only what would be written again: no foreign characters, no padding in between, no slack bits.
  if (bytes.toString('base64') !== base64) throw new Error('the armor is not base64')
  return bytes
}
