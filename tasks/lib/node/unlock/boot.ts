import type { ClusterNode, Config } from '../../config/model.ts'
import type { Resource } from '../resource.ts'
import { directories } from '../system/directories.ts'
import { file } from '../system/file.ts'
import type { Volume } from '../volumes/volume.ts'
import { bootUnitText, dropInText } from './boot-unit.ts'
import { formerUnit } from './former-unit.ts'
import { bootUnit, keyFolder, openProgram, tableFile, waitingUnits } from './names.ts'
import { openProgramText } from './open-program.ts'
import { boundHeader, pinOf } from './sealed-key.ts'

/** What opens a machine's volumes at boot and keeps containers down until then: after the volumes are mounted. */
export function bootResources(
  _node: ClusterNode,
  volumes: Volume[],
  { cluster }: Pick<Config, 'cluster'>,
): Resource[] {
  if (volumes.length === 0) return []
  const pin = pinOf(cluster)
  const paths = volumes.map(({ path }) => path)
  return [
    ...(pin ? volumes.map((volume) => boundHeader(volume, pin)) : []),
    directories({ paths: [keyFolder], mode: '0700' }),
    file({ path: tableFile, content: tableText(volumes), mode: '0600' }),
    file({ path: openProgram, content: openProgramText(), mode: '0755' }),
    file({ path: `/etc/systemd/system/${bootUnit}`, content: bootUnitText() }),
    ...waitingUnits.map((unit) =>
      file({ path: `/etc/systemd/system/${unit}.service.d/10-volumes.conf`, content: dropInText(paths) }),
    ),
    startedUnit(),
    formerUnit(),
  ]
}

function tableText(volumes: readonly Volume[]): string {
  const lines = volumes.map(
    ({ name, device, mapper, discard, path }) =>
      `${name} ${device} ${mapper} ${discard ? 'discard' : '-'} ${path}\n`,
  )
  return ['# volume device mapper options path\n', ...lines].join('')
}

// Not waited for: where a volume cannot be opened now, it goes on trying, as after a boot.
function startedUnit(): Resource {
  const units = [bootUnit, ...waitingUnits.map((unit) => `${unit}.service`)].join(' ')
  return {
    target: `unit ${bootUnit}`,
    settleSeconds: 60,
    probe: `systemctl show -p UnitFileState -p ActiveState ${bootUnit}; systemctl show -p NeedDaemonReload ${units}`,
    plan: ({ stdout }) => {
      const enabled = /^UnitFileState=(.*)$/m.exec(stdout)?.[1] || 'not there'
      const active = /^ActiveState=(.*)$/m.exec(stdout)?.[1] ?? 'unknown'
      const isRead = !stdout.includes('NeedDaemonReload=yes')
      if (enabled === 'enabled' && active === 'active' && isRead) return { actions: [] }
      const commands = [
        'systemctl daemon-reload',
        `systemctl enable ${bootUnit}`,
        `systemctl start --no-block ${bootUnit}`,
      ]
      const title = `start ${bootUnit}, now and at boot`
      const before = [`${enabled}, ${active}${isRead ? '' : ', changed since it was read'}`]
      return { actions: [{ action: 'update', title, before, after: ['enabled, active'], commands }] }
    },
  }
}
