/** A field of a message: its number, and a text, bytes or a message in it. All fields of sops' messages are of these. */
export type Field = readonly [number: number, value: string | Uint8Array]

const lengthDelimited = 2

/** A message from its fields; empty ones are left out, as proto3 does. Source: protobuf.dev, "Encoding". */
export function encodeMessage(fields: Field[]): Buffer {
  return Buffer.concat(
    fields.flatMap(([number, value]) => {
      const bytes = Buffer.from(value)
      if (bytes.length === 0) return []
      return [varint((number << 3) | lengthDelimited), varint(bytes.length), bytes]
    }),
  )
}

/** A message as the value of a field: one without content is still written. */
export function nested(number: number, message: Uint8Array): Buffer {
  return Buffer.concat([varint((number << 3) | lengthDelimited), varint(message.length), message])
}

/** The bytes of one field of a message; empty where it is not there. Throws a plain Error for a damaged message. */
export function fieldOf(message: Buffer, wanted: number): Buffer {
  let found = Buffer.alloc(0)
  let position = 0
  const take = () => {
    const [value, length] = readVarint(message, position)
    position += length
    return value
  }
  while (position < message.length) {
    const tag = take()
    const length = take()
    const end = position + length
    if ((tag & 7) !== lengthDelimited || end > message.length) throw new Error('its answer is damaged')
    if (tag >> 3 === wanted) found = Buffer.from(message.subarray(position, end))
    position = end
  }
  return found
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  return Buffer.from([...bytes, rest])
}

function readVarint(message: Buffer, position: number): [value: number, length: number] {
  let value = 0
  for (let length = 1; length <= 5; length++) {
    const byte = message[position + length - 1]
    if (byte === undefined) break
    value += (byte & 0x7f) * 2 ** (7 * (length - 1))
    if (byte < 0x80) return [value, length]
  }
  throw new Error('its answer is damaged')
}
