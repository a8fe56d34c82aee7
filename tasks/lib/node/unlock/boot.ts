import type { ClusterNode, Config } from '../../config/model.ts'
import type { Resource } from '../resource.ts'
import { directories } from '../system/directories.ts'
import { file } from '../system/file.ts'
import { unit } from '../system/unit.ts'
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
    ...waitingUnits.map((name) =>
      file({ path: `/etc/systemd/system/${name}.service.d/10-volumes.conf`, content: dropInText(paths) }),
    ),
    ...waitingUnits.map((name) => unit({ name: `${name}.service` })),
    // Not waited for: where a volume cannot be opened now, it goes on trying, as after a boot.
    unit({ name: bootUnit, enabled: true, active: true, waits: false, settleSeconds: 60 }),
    formerUnit(volumes),
  ]
}

function tableText(volumes: readonly Volume[]): string {
  const lines = volumes.map(
    ({ name, device, mapper, discard, path }) =>
      `${name} ${device} ${mapper} ${discard ? 'discard' : '-'} ${path}\n`,
  )
  return ['# volume device mapper options path\n', ...lines].join('')
}
