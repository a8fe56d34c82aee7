import { gzipSync } from 'node:zlib'
import type { Change, Plan } from '../cli/change.ts'
import { TaskError, UsageError } from '../cli/errors.ts'
import { runAction } from '../node/plan/run-action.ts'
import type { Action } from '../node/resource.ts'
import { restoreCommands } from '../node/volume-keys/recovery-commands.ts'
import { isRestored, readStart, restoreRefusal } from '../node/volume-keys/restore-header.ts'
import type { ChosenVolume, VolumeScene } from './chosen-volumes.ts'
import { type HeaderBackup, headerBackup, type OpenedHeader } from './header-backup.ts'

/** Writes the backup of a header back to its volume, after what is there was copied to a file on its machine. */
export async function planRestore(
  scene: VolumeScene,
  { keepIn = '/var/lib/metaltasks/headers' } = {},
): Promise<Pick<Plan, 'steps' | 'findings'>> {
  const chosen = onlyOne(scene)
  const backup = headerBackup(chosen.volume, scene)
  await expectValid(backup, chosen)
  const opened = await backup.open()
  const { volume, machine } = chosen
  const start = await readStart(volume.device, machine)
  const step = { name: 'restore', title: `Restore the header of ${volume.name}` }
  const target = `${machine.label}: header of volume ${volume.name}`
  const verify = () => expectRestored(chosen, opened)
  if (isRestored(start, opened))
    return { steps: [{ ...step, waves: [], unchanged: [{ target, verify }] }], findings: [] }
  const action = restoreAction(chosen, {
    opened,
    present: start.present,
    kept: keptFile(chosen, { keepIn, now: scene.now() }),
  })
  const blocked = restoreRefusal(start, { ...opened, device: volume.device })
  const change: Change = {
    ...action,
    ...{
      target,
      title: `${machine.label}: ${action.title}`,
      before: [],
      after: [],
      lane: machine.name,
      verify,
    },
    ...(blocked && { blocked: { ...blocked, message: `${machine.label}: ${blocked.message}` } }),
    run: () => runAction(machine, action),
  }
  return { steps: [{ ...step, waves: [{ changes: [change], parallel: 1 }], unchanged: [] }], findings: [] }
}

function onlyOne({ chosen }: VolumeScene): ChosenVolume {
  if (chosen.length === 1) return chosen[0]!
  const [first] = chosen
  const example = first
    ? `NODE=${first.volume.node} tasks volumes:header-backup ${first.volume.name} --restore`
    : 'tasks volumes'
  throw new UsageError(`--restore is about one volume, these are ${chosen.length}`, { hint: example })
}

async function expectValid(backup: HeaderBackup, { volume }: ChosenVolume): Promise<void> {
  if (await backup.kept()) return
  const name = `${volume.node}/${volume.name}`
  if (await backup.isRevoked())
    throw new TaskError(
      `the backup of the header of ${name} is revoked: it would bring back a key that was removed`,
      {
        hint: 'finish what was begun, and a new one is taken: tasks volumes:rotate-key',
      },
    )
  throw new TaskError(`there is no backup of the header of ${name}: ${backup.shown}`, {
    hint: 'an earlier one may be in git: git log -- secrets/volumes',
  })
}

function restoreAction(
  { volume }: ChosenVolume,
  { opened, present, kept }: { opened: OpenedHeader; present: string; kept: string },
): Action {
  const { device } = volume
  const { uuid, sha256, image, taken } = opened
  return {
    action: 'replace',
    title: `restore the LUKS header of ${device} from its backup of ${taken}`,
    commands: restoreCommands({ device, uuid, sha256, present, kept }),
    notes: [`what is there now is kept on the machine, in ${kept}`],
    input() {
      const packed = gzipSync(image)
      return Buffer.concat([Buffer.from(`${packed.length}\n`), packed])
    },
  }
}

function keptFile({ volume }: ChosenVolume, { keepIn, now }: { keepIn: string; now: Date }): string {
  return `${keepIn}/${volume.name}-${now.toISOString().replaceAll(/[^0-9TZ]/g, '')}.img`
}

async function expectRestored({ volume, machine }: ChosenVolume, opened: OpenedHeader): Promise<void> {
  if (isRestored(await readStart(volume.device, machine), opened)) return
  throw new TaskError(`${machine.label}: the header of ${volume.device} is not that of its backup`, {
    hint: `look at it: cryptsetup luksDump ${volume.device}`,
  })
}
