import { decodeBase64, encodeBase64 } from './base64.ts'

/** How a file key is wrapped for one recipient. */
export interface Stanza {
  /** "X25519", "ssh-ed25519" … */
  type: string
  args: string[]
  body: Uint8Array
}

/** An age file, taken apart. */
export interface AgeFile {
  stanzas: Stanza[]
  /** The header to its end, with the MAC. */
  header: Buffer
  /** The part of the header that the MAC is over. */
  authenticated: Buffer
  mac: Buffer
  payload: Buffer
}

const intro = 'age-encryption.org/v1'
const columns = 64
const macLength = 32

/** Takes an age file apart. Throws a plain Error. Source: age-encryption.org/v1, "Header". */
export function parseFile(bytes: Buffer): AgeFile {
  // Latin-1: one character for each byte, so that offsets in the text are offsets in the file.
  const reader = lineReader(bytes.toString('latin1'))
  if (reader.next() !== intro) throw new Error(`it does not begin with ${intro}`)
  const stanzas: Stanza[] = []
  for (;;) {
    const start = reader.position()
    const line = reader.next()
    if (!line.startsWith('---')) {
      stanzas.push(parseStanza(line, reader))
      continue
    }
    const mac = line.startsWith('--- ') ? decodeBase64(line.slice(4)) : undefined
    if (mac?.length !== macLength) throw new Error('the last line of its header is damaged')
    const position = reader.position()
    return {
      stanzas,
      header: bytes.subarray(0, position),
      authenticated: bytes.subarray(0, start + 3),
      mac,
      payload: bytes.subarray(position),
    }
  }
}

interface LineReader {
  /** The next line, without its line end. */
  next(): string
  /** Where the next line starts. */
  position(): number
}

function lineReader(text: string): LineReader {
  let position = 0
  return {
    position: () => position,
    next() {
      const lineEnd = text.indexOf('\n', position)
      if (lineEnd < 0) throw new Error('its header is cut off')
      const line = text.slice(position, lineEnd)
      position = lineEnd + 1
      return line
    },
  }
}

function parseStanza(line: string, reader: LineReader): Stanza {
  if (!/^->( [\x21-\x7e]+)+$/.test(line)) throw new Error('a recipient in its header is damaged')
  const [type, ...args] = line.slice(3).split(' ')
  const lines: Buffer[] = []
  for (;;) {
    const text = reader.next()
    const part = text.length <= columns ? decodeBase64(text) : undefined
    if (!part) throw new Error(`the ${type} recipient in its header is damaged`)
    lines.push(part)
    // The last line is a short one, if need be an empty one.
    if (text.length < columns) return { type: type!, args, body: Buffer.concat(lines) }
  }
}

/** The header up to where the MAC is to stand. */
export function formatHeader(stanzas: Stanza[]): string {
  return [intro, ...stanzas.map(stanzaText), '---'].join('\n')
}

// The last line of a body is a short one, if need be an empty one.
function stanzaText({ type, args, body }: Stanza): string {
  const text = encodeBase64(body)
  const lines: string[] = text.match(/.{1,64}/g) ?? []
  if (text.length % columns === 0) lines.push('')
  return [['->', type, ...args].join(' '), ...lines].join('\n')
}
