import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Action } from '../../../tasks/lib/node/resource.ts'
import type { Volume } from '../../../tasks/lib/node/volumes/volume.ts'
import { type Lab, openLab } from '../../support/lab.ts'
import type { LabMachine } from '../../support/lab-machine.ts'
import { labKey, labVolume, volumesOn } from '../../support/lab-volumes.ts'

let lab: Lab
let kube1: LabMachine
let volumes: ReturnType<typeof volumesOn>

beforeAll(async () => {
  lab = await openLab({ machines: [{ name: 'kube1', disks: ['1536M'] }] })
  kube1 = lab.machine('kube1')
  volumes = volumesOn(kube1)
  // On the disk: these tests cut the power.
  await kube1.sh('vgcreate -q vg0 /dev/ubdb; head -c 64 /dev/urandom >/root/volume-key')
  labKey.read = 'cat /root/volume-key'
})
afterAll(() => lab?.close())

/** Many steps, on machines that may be slow. */
const minutes = 900_000

const changing =
  /luksFormat|lvcreate|lvchange|lvextend|mkfs|chattr|mkdir|cp -p|mv |^mount |open --type|resize|growfs|chown/

/** What a volume is in the end, whatever happened on the way. */
async function endState({ name, path, opened }: Volume): Promise<string> {
  return kube1.sh(`lvs --noheadings -o lv_tags vg0/${name} | tr , '\\n' | sed 's/=.*//' | sort
    grep ' ${path} ' /etc/fstab; findmnt -n -o SOURCE,FSTYPE,OPTIONS ${path}; stat -c %u:%g ${path}
    ls /etc/fstab*; unshare --mount sh -c 'umount -l ${path}; lsattr -d ${path}'; blkid -p -s TYPE -o value ${opened}`)
}

describe('A05 a volume whose run was killed', () => {
  test(
    'after any command ends as one whose run was not',
    async () => {
      const whole = labVolume({ name: 'whole', owner: '1000' })
      await volumes.apply(whole)
      const cut = labVolume({ name: 'cut', owner: '1000' })
      const killed = await killAfterEachCommand(cut)
      expect(killed).toBeGreaterThan(12)
      expect(await volumes.titles(cut)).toEqual([])
      expect(await endState(cut)).toBe((await endState(whole)).replaceAll('whole', 'cut'))
    },
    minutes,
  )

  test(
    'by a power cut in the middle of a command goes on',
    async () => {
      const cut = labVolume({ name: 'power', filesystem: 'xfs', size: '400Mi' })
      for (const title of ['format logical', 'make file system']) {
        const actions = await untilAction(cut, title)
        const running = volumes.runPart(actions[0]!, actions[0]!.commands.length).catch(() => {})
        await new Promise((resolve) => setTimeout(resolve, 300))
        await kube1.powerCut()
        await running
        await kube1.start()
      }
      await volumes.apply(cut)
      expect(await volumes.titles(cut)).toEqual([])
      expect(await kube1.sh('findmnt -n -o FSTYPE /srv/power; xfs_info /srv/power >/dev/null')).toBe('xfs\n')
    },
    minutes,
  )
})

describe('B12 a volume grows while it is mounted', () => {
  test.each([
    ['ext4', 40],
    ['xfs', 320],
  ] as const)(
    '%s, its data kept, and from wherever a run was killed',
    async (filesystem, mebibytes) => {
      const sized = (more: number) =>
        labVolume({ name: `grow-${filesystem}`, filesystem, size: `${mebibytes + more}Mi` })
      const { path, mapper } = sized(0)
      await volumes.apply(sized(0))
      await kube1.sh(
        `head -c 8M /dev/urandom >${path}/file; cd ${path}; sha256sum file >/root/${mapper}; exec 3>${path}/open; sync`,
      )
      for (const [more, done] of [
        [16, 1],
        [32, 2],
      ] as const) {
        const actions = await volumes.actions(sized(more))
        expect(
          actions.map(({ commands }) =>
            commands.at(-1)!.replace(/.*\|/, '').trim().split(' ').slice(0, 2).join(' '),
          ),
        ).toEqual([
          'lvextend --extents',
          'cryptsetup resize',
          filesystem === 'xfs' ? `xfs_growfs ${path}` : `resize2fs /dev/mapper/${mapper}`,
        ])
        for (const action of actions.slice(0, done)) await volumes.runPart(action, action.commands.length)
        expect(await volumes.apply(sized(more))).toHaveLength(3 - done)
      }
      expect(await volumes.titles(sized(32))).toEqual([])
      await kube1.sh(
        `cd ${path}; sha256sum -c /root/${mapper}; echo 3 >/proc/sys/vm/drop_caches; sha256sum -c /root/${mapper}`,
      )
      const bytes = Number(await kube1.sh(`blockdev --getsize64 /dev/mapper/${mapper}`))
      expect(bytes).toBe((mebibytes + 32 - 16) * 2 ** 20)
    },
    minutes,
  )
})

/** Plans again and again, each time running the first action up to one changing command further; gives how many runs. */
async function killAfterEachCommand(volume: Volume): Promise<number> {
  let runs = 0
  let commands = 1
  for (let [action] = await volumes.actions(volume); action; runs++) {
    expect(action.blocked).toBeUndefined()
    const upTo = nextChange(action, commands)
    await volumes.runPart(action, upTo)
    const [again] = await volumes.actions(volume)
    commands = again?.title === action.title ? upTo + 1 : 1
    action = again
  }
  return runs
}

function nextChange({ commands }: Action, from: number): number {
  const index = commands.findIndex((command, at) => at >= from - 1 && changing.test(command))
  return index < 0 ? commands.length : index + 1
}

/** Makes all before the action of that title. */
async function untilAction(volume: Volume, title: string): Promise<Action[]> {
  for (;;) {
    const actions = await volumes.actions(volume)
    if (actions.length === 0 || actions[0]!.title.startsWith(title)) return actions
    await volumes.runPart(actions[0]!, actions[0]!.commands.length)
  }
}
