import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { directories } from '../../tasks/lib/node/directories/directories.ts'
import type { GroundOptions } from '../../tasks/lib/node/directories/ground.ts'
import { planNodes } from '../../tasks/lib/node/plan/plan-nodes.ts'
import { quotas } from '../../tasks/lib/node/quota/quotas.ts'
import type { Resource } from '../../tasks/lib/node/resource.ts'
import { type Lab, openLab } from '../support/lab.ts'
import type { LabMachine } from '../support/lab-machine.ts'

const base = '/var/lib/k8s-volumes'
const data = { name: 'data', path: base, opened: '/dev/mapper/luks-data' }
const options: GroundOptions = { node: 'kube1', volumes: [data], onRootDisk: false }
const names = Array.from({ length: 40 }, (_, index) => `${base}/pool-s/pv-${index + 1}`)
const paths = [...names, `${base}/share`]
const mebibyte = 2 ** 20

let lab: Lab
let kube1: LabMachine

beforeAll(async () => {
  lab = await openLab({ machines: [{ name: 'kube1', disks: ['1G', '1G'] }] })
  kube1 = lab.machine('kube1')
  await kube1.sh(`head -c 64 /dev/urandom >/run/key
    cryptsetup luksFormat -q --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --key-file /run/key /dev/ubdb
    cryptsetup open --key-file /run/key /dev/ubdb luks-data
    mkfs.ext4 -q -O quota,project -E quotatype=prjquota /dev/mapper/luks-data </dev/null
    mkfs.xfs -q /dev/ubdc
    mkdir ${base} /srv/plain`)
})
afterAll(() => lab?.close())

const wantedDirectories = (more: Partial<GroundOptions> = {}) =>
  directories({ folder: base, paths, closed: [`${base}/pool-s`] }, { ...options, ...more })
const wantedLimits = (size: number, more: Partial<GroundOptions> = {}) =>
  quotas(
    paths.slice(0, 8).map((path) => ({ path, bytes: size })),
    { ...options, ...more, folder: base },
  )

/** Plans and, where nothing is refused, makes all changes and checks them. */
async function converge(...resources: Resource[]) {
  const machine = kube1.asMachine()
  const { steps, findings } = await planNodes([{ name: 'it', title: 'It', work: [{ machine, resources }] }], {
    parallel: 1,
  })
  const changes = steps.flatMap(({ waves }) => waves.flatMap((wave) => wave.changes))
  const progress = { say: () => {}, signal: new AbortController().signal }
  const blocked = changes.flatMap((change) => change.blocked?.message ?? [])
  if (blocked.length === 0) {
    for (const change of changes) await change.run(progress)
    for (const change of changes) await change.verify(progress)
  }
  return {
    titles: changes.map(({ title }) => title),
    blocked,
    findings: findings.map(({ message }) => message),
  }
}

const onDisk = () => kube1.sh(`find ${base} -mindepth 1 | wc -l`).then((text) => Number(text))

/** Writes 20 MiB as an ordinary user; gives what was written. */
async function fill(path: string): Promise<number> {
  const file = `${path}/big`
  await kube1.sh(`chown ops ${path}; chmod 755 ${path} $(dirname ${path})
    su ops -c 'head -c ${20 * mebibyte} /dev/zero >${file}' 2>/dev/null || true`)
  const size = Number(await kube1.sh(`stat -c %s ${file}; rm ${file}`))
  await kube1.sh(`chmod 700 $(dirname ${path})`)
  return size
}

test('C01 while the volume is not mounted nothing is made, by the plan or by its commands', async () => {
  expect((await converge(wantedDirectories())).blocked).toEqual([
    `kube1: volume data is not mounted at ${base}`,
  ])
  const { actions } = wantedDirectories({ mountedBefore: true }).plan(
    await kube1.asMachine().run(wantedDirectories().probe, { allowFailure: true }),
  )
  const ran = await kube1.try(`set -eu\n${actions[0]!.commands.join('\n')}`)
  expect(ran.exitCode).not.toBe(0)
  expect(await onDisk()).toBe(0)
})

test('C01 another file system at the place of the volume is refused', async () => {
  await kube1.sh(`mount -t tmpfs tmpfs ${base}`)
  expect((await converge(wantedDirectories())).blocked[0]).toContain('tmpfs is mounted at')
  expect(await onDisk()).toBe(0)
  await kube1.sh(`umount ${base}`)
})

describe('on a mounted volume', () => {
  beforeAll(async () => {
    await kube1.sh(`mount -o prjquota /dev/mapper/luks-data ${base}`)
  })

  test('41 directories are one change, and a second run makes none', async () => {
    const first = await converge(wantedDirectories(), wantedLimits(10 * mebibyte))
    expect(first).toEqual({
      titles: [
        `kube1: create 41 directories on ${base}`,
        'kube1: limit 8 directories to what the PersistentVolumes offer',
      ],
      blocked: [],
      findings: [],
    })
    expect((await converge(wantedDirectories(), wantedLimits(10 * mebibyte))).titles).toEqual([])
    expect((await kube1.sh(`stat -c %a ${base}/pool-s ${paths[0]}`)).split('\n')).toEqual(['700', '755', ''])
  })

  test('a directory holds no more than its PersistentVolume offers, and another has its own limit', async () => {
    expect(await fill(paths[0]!)).toBeLessThanOrEqual(10 * mebibyte)
    await kube1.sh(`head -c ${5 * mebibyte} /dev/zero >${paths[0]}/used`)
    expect(await fill(paths[1]!)).toBeGreaterThan(9 * mebibyte)
  })

  test('a limit grows with its size, and one that is passed already is not set', async () => {
    expect((await converge(wantedLimits(30 * mebibyte))).titles).toHaveLength(1)
    expect(await fill(paths[2]!)).toBe(20 * mebibyte)
    const { titles, findings } = await converge(wantedLimits(4 * mebibyte))
    expect(titles).toEqual(['kube1: limit 7 directories to what the PersistentVolumes offer'])
    expect(findings[0]).toContain(`${paths[0]} holds more than the 4096 KiB of its PersistentVolume`)
    expect((await converge(wantedLimits(4 * mebibyte))).titles).toEqual([])
  })

  test('what a directory held before it had a limit counts', async () => {
    const late = `${base}/late`
    await kube1.sh(`mkdir -p ${late}/below; head -c ${6 * mebibyte} /dev/zero >${late}/below/file`)
    const limit = (size: number) => quotas([{ path: late, bytes: size }], { ...options, folder: base })
    expect((await converge(limit(5 * mebibyte))).findings[0]).toContain('holds more than')
    expect((await converge(limit(12 * mebibyte))).titles).toHaveLength(1)
    expect(await fill(late)).toBeLessThanOrEqual(6 * mebibyte)
  })
})

describe('on other file systems', () => {
  beforeAll(async () => {
    await kube1.sh(`umount ${base}`)
  })

  test('xfs limits directories too', async () => {
    await kube1.sh(`mount -o prjquota /dev/ubdc ${base}`)
    const own = { volumes: [] }
    await converge(wantedDirectories(own), wantedLimits(10 * mebibyte, own))
    expect((await converge(wantedDirectories(own), wantedLimits(10 * mebibyte, own))).titles).toEqual([])
    expect(await fill(paths[0]!)).toBeLessThanOrEqual(10 * mebibyte)
    await kube1.sh(`umount ${base}`)
  })

  test('one that counts no projects is said once, and is no failure', async () => {
    await kube1.sh(`mount /dev/ubdc ${base}`)
    const { titles, findings } = await converge(wantedLimits(10 * mebibyte, { volumes: [] }))
    expect(titles).toEqual([])
    expect(findings).toEqual([
      'kube1: directories of PersistentVolumes have no limits: their file system does not count projects',
    ])
    await kube1.sh(`umount ${base}`)
  })

  test('limits of a volume that an earlier step mounts are set once it is', async () => {
    const before = { mountedBefore: true }
    const plan = async (resource: Resource) => {
      const answer = await kube1.asMachine().run(resource.probe, { allowFailure: true })
      return resource.plan(answer).actions.flatMap(({ commands }) => commands)
    }
    const commands = [
      ...(await plan(wantedDirectories(before))),
      ...(await plan(wantedLimits(mebibyte, before))),
    ]
    await kube1.sh(`mount -o prjquota /dev/mapper/luks-data ${base}; rm -r ${base}/pool-s`)
    await kube1.sh(`set -eu\n${commands.join('\n')}`)
    expect((await converge(wantedDirectories(), wantedLimits(mebibyte))).titles).toEqual([])
  })
})
