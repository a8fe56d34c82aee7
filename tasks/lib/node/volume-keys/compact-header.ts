import type { LuksHeader } from './luks-header.ts'

/**
 * A header's backup without what means nothing: the area of keyslots is filled with random bytes, of which 258,048 for
 * each slot in use are material. The rest becomes zeros, so that 16 MiB are packed into one.
 */
export function compactHeader(image: Buffer, header: LuksHeader): Buffer {
  if (header.isChanging || header.version === 1) return image
  const kept = Buffer.alloc(image.length)
  image.copy(kept, 0, 0, 2 * header.copyBytes)
  for (const { offset, bytes } of header.keyslots) image.copy(kept, offset, offset, offset + bytes)
  return kept
}
