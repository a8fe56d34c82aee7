import { readdirSync, readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { onCommand } from '../../tasks/lib/cli/process/command-log.ts'
import type { VolumeScene } from '../../tasks/lib/volumes/chosen-volumes.ts'
import { recoveryResource } from '../../tasks/lib/volumes/recovery.ts'
import { recoveryPassphrase } from '../../tasks/lib/volumes/recovery-passphrase.ts'
import { planRotation } from '../../tasks/lib/volumes/rotation.ts'
import { hasCryptsetup, type LuksFile, luksFile } from '../support/luks-file.ts'
import { converge } from '../support/machines.ts'
import { keyedProject } from './project.ts'
import { changesIn, fileScene, make } from './scene.ts'

describe.skipIf(!hasCryptsetup)('B16 no key and no passphrase', () => {
  let luks: LuksFile
  let scene: VolumeScene
  const said: string[] = []
  let watch: NodeJS.Timeout
  beforeEach(async () => {
    luks = luksFile()
    scene = fileScene(luks, { project: await keyedProject() })
    onCommand((line) => said.push(line))
    const older = new Set(readdirSync('/proc'))
    watch = setInterval(() => said.push(...processesBut(older)), 5)
  })
  afterEach(() => {
    clearInterval(watch)
    onCommand(undefined)
    luks.close()
  })

  test('is in an argument, a variable, a command that is told, or a plan', async () => {
    const [chosen] = scene.chosen
    const { project, now } = scene
    const options = { project, now, key: chosen!.key, unlock: 'key-server' as const }
    const before = readFileSync(luks.keyFile)
    const { changes } = await converge(chosen!.machine, [await recoveryResource(chosen!.volume, options)])
    const rotation = changesIn(await planRotation(scene))
    await make(rotation)
    said.push(
      ...[...changes, ...rotation].flatMap(({ title, commands = [], notes = [] }) => [
        title,
        ...commands,
        ...notes,
      ]),
    )
    const passphrase = await recoveryPassphrase(chosen!.volume, scene).read()
    const secrets = [before, readFileSync(luks.keyFile)].flatMap((key) => [
      key.toString('base64'),
      key.toString('hex'),
    ])
    const all = said.join('\n')
    expect(all).toContain('luksKillSlot')
    for (const secret of [passphrase, ...secrets]) expect(all.includes(secret.slice(0, 16))).toBe(false)
    // So that a watcher that sees nothing is noticed.
    expect(said.some((line) => line.startsWith('cryptsetup'))).toBe(true)
  })
})

/** Arguments and variables of all processes but those that were there before: reading them too would miss short ones. */
function processesBut(older: ReadonlySet<string>): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid) || older.has(pid)) return []
    try {
      return ['cmdline', 'environ'].map((file) =>
        readFileSync(`/proc/${pid}/${file}`, 'latin1').replaceAll('\0', ' '),
      )
    } catch {
      return []
    }
  })
}
