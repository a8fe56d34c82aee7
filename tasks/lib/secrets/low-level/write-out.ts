import type { Output } from '../../cli/output.ts'
import { clearMode, sealedMode, writeAtomically } from '../files/write.ts'

/** Puts a text where the flags say: into the file itself, another one, or stdout. */
export async function writeOut(
  bytes: Uint8Array,
  {
    output,
    ...to
  }: { output: Output; file: string | undefined; inPlace: boolean; outputFile?: string; sealed: boolean },
): Promise<void> {
  const target = to.inPlace ? to.file : to.outputFile
  if (target === undefined) output.bytes(bytes)
  else await writeAtomically(target, bytes, { mode: to.sealed ? sealedMode : clearMode })
}
