import { quote } from '../../cli/process/quote.ts'
import type { Resource } from '../resource.ts'
import { answerLines } from '../system/answers.ts'
import { placeMarker } from './paths.ts'

/**
 * A folder that backups are copied to, marked: where the mark is missing later, its file system is not mounted and
 * nothing is copied.
 */
export function placeFolder(folder: string): Resource {
  const mark = quote(`${folder}/${placeMarker}`)
  return {
    target: `folder ${folder} for backups`,
    probe: [
      `test -d ${quote(folder)} && echo folder`,
      `test -e ${mark} && echo marked`,
      `test "$(stat -c %d -- ${quote(folder)} 2>/dev/null)" = "$(stat -c %d /)" && echo system-disk`,
      ':',
    ].join('\n'),
    plan(answer) {
      const lines = answerLines(answer)
      const isOnSystemDisk = lines.includes('system-disk')
      const note = isOnSystemDisk
        ? [
            {
              severity: 'warning' as const,
              message: `${folder} is on the disk of the system: a copy there is lost with it`,
            },
          ]
        : []
      if (lines.includes('marked')) return { actions: [], findings: note }
      const blocked = lines.includes('folder')
        ? undefined
        : {
            severity: 'error' as const,
            message: `backups are to be copied to ${folder}, which is no folder`,
            hint: `mount it there, or: mkdir -p ${quote(folder)}`,
          }
      const action = {
        action: 'create' as const,
        title: `mark ${folder} as a place for backups`,
        commands: [`test -d ${quote(folder)}`, `: >${mark}`],
        ...(blocked && { blocked }),
      }
      return { actions: [action], findings: note }
    },
  }
}
