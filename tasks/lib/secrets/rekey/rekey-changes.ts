import type { Change } from '../../cli/change.ts'
import { expectWrappable } from './expect-wrappable.ts'
import { openAll } from './open-all.ts'
import { type Rekeying, rekeyChange, type Scene } from './rekey-change.ts'

/** The changes for several files, once it is sure that all of them open and that every recipient is a good one. */
export async function rekeyChanges(files: Rekeying[], scene: Scene): Promise<Change[]> {
  await openAll(
    files.map(({ sealed }) => sealed),
    scene.project,
  )
  await expectWrappable(files, scene)
  return files.map((file) => rekeyChange(file, scene))
}
