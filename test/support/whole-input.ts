import type { Input } from '../../tasks/lib/node/machine.ts'

/** What a script finds on its stdin, in memory. */
export async function wholeInput(input: Input = ''): Promise<Buffer> {
  if (typeof input !== 'function') return Buffer.from(input)
  const parts: Uint8Array[] = []
  for await (const part of input()) parts.push(part)
  return Buffer.concat(parts)
}
