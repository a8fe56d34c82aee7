import { suggest } from '../../../cli/suggest.ts'
import type { Field } from '../field.ts'
import { checkFilled } from './values.ts'

/** The volumes that a container mounts, or opens as devices. */
export function checkMounts(container: Field, volumes: Map<string, Field>): void {
  const [mounts, devices] = [container.at('volumeMounts').items, container.at('volumeDevices').items]
  for (const mount of [...mounts, ...devices]) checkVolumeName(mount.at('name'), volumes)
  for (const mount of mounts) checkMount(mount)
  for (const device of devices) checkFilled(device.at('devicePath'))
  const paths = new Map(mounts.map((mount) => [mount.at('mountPath').text, mount]))
  for (const device of devices) {
    const same = paths.get(device.at('devicePath').text)
    if (same) device.at('devicePath').error(`is the mountPath of ${same.path} too`, { got: true })
  }
}

function checkVolumeName(name: Field, volumes: Map<string, Field>): void {
  if (!name.text || volumes.has(name.text)) return
  const meant = suggest(name.text, volumes.keys())
  const known = meant ? `did you mean ${meant}?` : undefined
  name.error(`the pod has no volume ${name.text}`, { hint: known ?? 'add it under volumes of the pod' })
}

function checkMount(mount: Field): void {
  checkFilled(mount.at('mountPath'))
  for (const field of [mount.at('subPath'), mount.at('subPathExpr')]) {
    const path = field.text ?? ''
    if (path.startsWith('/'))
      field.error('expected a path inside the volume, without "/" in front', { got: true })
    else if (path.split('/').includes('..')) field.error('cannot hold ".."', { got: true })
  }
  if (mount.at('subPath').text && mount.at('subPathExpr').text) {
    mount.at('subPathExpr').error('cannot stand beside subPath', { hint: 'keep one of the two' })
  }
}
