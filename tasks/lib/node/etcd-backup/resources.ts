import { quote } from '../../cli/process/quote.ts'
import type { Resource } from '../resource.ts'
import { directories } from '../system/directories.ts'
import { file } from '../system/file.ts'
import { packages } from '../system/packages.ts'
import { unit } from '../system/unit.ts'
import { backupPaths, backupUnit } from './paths.ts'
import { placeFolder } from './place-folder.ts'
import { backupProgram } from './program.ts'
import { type BackupSettings, settingsFiles } from './settings.ts'
import { backupService, backupTimer } from './units.ts'

/** All that a control plane needs to back itself up by schedule, without anybody's help. */
export function backupResources(settings: BackupSettings, { schedule }: { schedule: string }): Resource[] {
  const programs = programsFor(settings)
  const files = settingsFiles(settings)()
  const { program, settings: folder, state } = backupPaths
  return [
    ...(programs.length > 0 ? [packages(programs)] : []),
    directories({ paths: [folder, `${folder}/places`, state], mode: '0700' }),
    file({ path: program, content: backupProgram(), mode: '0755' }),
    ...files.map((one) => file(one)),
    leftPlaces(files.map(({ path }) => path)),
    ...settings.places.flatMap((place) => (place.kind === 'folder' ? [placeFolder(place, settings)] : [])),
    ...timer(schedule),
  ]
}

function programsFor({ places }: BackupSettings): string[] {
  const kinds = places.map(({ kind }) => kind)
  return [...(kinds.includes('ssh') ? ['openssh-client'] : []), ...(kinds.includes('s3') ? ['curl'] : [])]
}

/** No settings of places that there are no more, with their keys. */
function leftPlaces(wanted: string[]): Resource {
  const folder = `${backupPaths.settings}/places`
  return {
    target: 'places of backups that are no more',
    probe: `find ${folder} -mindepth 1 2>/dev/null | sort || :`,
    plan({ stdout }) {
      const left = stdout.split('\n').filter((path) => path !== '' && !wanted.includes(path))
      if (left.length === 0) return { actions: [] }
      const commands = left.map((path) => `rm -f -- ${quote(path)}`)
      return {
        actions: [{ action: 'delete', title: 'forget places of backups', before: left, commands }],
      }
    },
  }
}

function timer(schedule: string): Resource[] {
  const at = (ending: string) => `/etc/systemd/system/${backupUnit}.${ending}`
  const service = { path: at('service'), content: backupService() }
  const clock = { path: at('timer'), content: backupTimer(schedule) }
  return [
    file(service),
    file(clock),
    unit({ name: `${backupUnit}.timer`, enabled: true, active: true, files: [clock, service] }),
  ]
}
