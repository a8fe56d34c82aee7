import { expect, test } from 'vitest'
import type { SecretError } from '../../../tasks/lib/secrets/errors.ts'
import fc from '../../support/fast-check.ts'
import { type Item, readBySops, readClear } from './yaml-read-oracle.ts'
import { anyYaml } from './yaml-texts.ts'

function readHere(clear: string): Item[] | number {
  try {
    return readClear(clear)
  } catch (error) {
    return (error as SecretError).sopsCode
  }
}

test('any text is read as the real sops reads it, or refused where it refuses', async () => {
  let read = 0
  await fc.assert(
    fc.asyncProperty(anyYaml, async (clear) => {
      const here = readHere(clear)
      if (typeof here === 'number') {
        expect(await readBySops(clear, [])).toBeUndefined()
        return
      }
      read++
      expect(await readBySops(clear, here)).toEqual(here)
    }),
    { numRuns: 60 },
  )
  expect(read).toBeGreaterThan(30)
}, 60_000)
