import type { Stanza } from '../header.ts'

export function wrapSsh(_recipient: string, _fileKey: Uint8Array): Stanza {
  throw new Error('ssh keys are not read yet')
}
