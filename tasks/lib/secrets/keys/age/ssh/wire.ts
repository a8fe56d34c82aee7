/** Reads the fields of SSH's binary format, one after the other. Throws a plain Error where it is cut off. RFC 4251. */
export interface WireReader {
  uint32(): number
  /** A string: its length, then its bytes. */
  bytes(): Buffer
  /** What is left. */
  rest(): Buffer
}

export function wireReader(buffer: Buffer): WireReader {
  let position = 0
  const take = (length: number) => {
    if (position + length > buffer.length) throw new Error('the ssh key is cut off')
    position += length
    return buffer.subarray(position - length, position)
  }
  const uint32 = () => take(4).readUInt32BE()
  return { uint32, bytes: () => take(uint32()), rest: () => buffer.subarray(position) }
}

/** Strings in SSH's binary format. */
export function wireBytes(...fields: (string | Uint8Array)[]): Buffer {
  return Buffer.concat(
    fields.flatMap((field) => {
      const bytes = Buffer.from(field)
      const length = Buffer.alloc(4)
      length.writeUInt32BE(bytes.length)
      return [length, bytes]
    }),
  )
}

/** A whole number that is not negative: a leading zero where its first bit is set. */
export function mpint(bytes: Uint8Array): Buffer {
  const significant = withoutZeros(bytes)
  return (significant[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.alloc(1), significant]) : significant
}

/** The bytes of a whole number without leading zeros, as a JWK has them. */
export function withoutZeros(bytes: Uint8Array): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0)
  return Buffer.from(first < 0 ? [] : bytes.subarray(first))
}
