import type { PlainObject } from '../../metadata/encode.ts'
import { unflatten } from '../../metadata/flatten.ts'
import type { ParseOptions } from '../store.ts'
import { textError } from '../text.ts'

/** The sops block that flattened keys stand for. Throws a SecretError. */
export function nestedBlock(
  pairs: (readonly [key: string, value: string])[],
  options: ParseOptions & { line?: number },
): PlainObject {
  try {
    return unflatten(pairs)
  } catch (error) {
    throw textError(`has damaged sops metadata: ${(error as Error).message}`, options)
  }
}
