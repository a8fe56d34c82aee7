import type { Finding, Place } from '../../cli/errors.ts'
import { quote } from '../../cli/process/quote.ts'
import type { Resource } from '../resource.ts'
import { answerLines } from '../system/answers.ts'
import { placeMarker } from './paths.ts'
import type { BackupSettings } from './settings.ts'

interface FolderPlace {
  folder: string
  source?: Place
}

/**
 * A folder that backups are copied to, marked: where the mark is missing later, its file system is not mounted and
 * nothing is copied.
 */
export function placeFolder(place: FolderPlace, { host }: Pick<BackupSettings, 'host'>): Resource {
  const { folder, source } = place
  const mark = quote(`${folder}/${placeMarker}`)
  return {
    target: `folder ${folder} for backups`,
    source,
    probe: [
      `test -d ${quote(folder)} && echo folder`,
      `test -e ${mark} && echo marked`,
      `test "$(stat -c %d -- ${quote(folder)} 2>/dev/null)" = "$(stat -c %d /)" && echo system-disk`,
      ':',
    ].join('\n'),
    plan(answer) {
      const lines = answerLines(answer)
      const findings = lines.includes('system-disk') ? [onSystemDisk(place)] : []
      if (lines.includes('marked')) return { actions: [], findings }
      const action = {
        action: 'create' as const,
        title: `mark ${folder} as a place for backups`,
        commands: [`test -d ${quote(folder)}`, `: >${mark}`],
        ...(!lines.includes('folder') && { blocked: noFolder(place, host) }),
      }
      return { actions: [action], findings }
    },
  }
}

function onSystemDisk({ folder, source }: FolderPlace): Finding {
  const message = `${folder} is on the disk of the system: a copy there is lost with it`
  return { severity: 'warning', ...source, message }
}

// It is not made: below a mount that is missing, backups would fill the disk of the system and be worth nothing.
function noFolder({ folder, source }: FolderPlace, host: string): Finding {
  return {
    severity: 'error',
    ...source,
    message: `backup.to: ${folder} is no folder; backups are copied to one that is mounted, or made by hand`,
    hint: `mount it on ${host}, or where the disk of the system will do, there: mkdir -p ${quote(folder)}`,
  }
}
