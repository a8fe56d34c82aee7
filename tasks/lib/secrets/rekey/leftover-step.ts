import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Change, Step } from '../../cli/change.ts'
import { leftoversIn } from '../files/leftovers.ts'
import type { SecretProject } from '../project.ts'
import type { SealedFile } from '../survey/standing.ts'

/** The step that removes what a killed run left half written, beside these files; a step without changes mostly. */
export async function leftoverStep(
  files: SealedFile[],
  { project: { shown }, now }: { project: SecretProject; now: Date },
): Promise<Step> {
  const folders = files.map(({ file }) => dirname(file))
  const paths = await leftoversIn(folders, { now })
  const changes = paths.map((path): Change => {
    const target = shown(path)
    return {
      ...{ target, action: 'delete', before: [], after: [] },
      title: `delete ${target}, which a killed run left behind`,
      run: async () => rmSync(path, { force: true }),
      verify: async () => {},
    }
  })
  return { name: 'leftovers', title: 'Leftovers', waves: [{ changes, parallel: 1 }], unchanged: [] }
}

/** Steps in which nothing is, and nothing has to be done, are not shown. */
export function withoutEmpty(steps: Step[]): Step[] {
  return steps.filter(
    ({ waves, unchanged }) => unchanged.length > 0 || waves.some(({ changes }) => changes.length > 0),
  )
}
