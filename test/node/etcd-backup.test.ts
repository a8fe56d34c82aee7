import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type BackupBed, backupBed, testUid } from '../support/backup-bed.ts'
import { temporaryFolder } from '../support/folder.ts'
import { programFile } from '../support/real-programs.ts'

let bed: BackupBed
beforeAll(async () => {
  bed = await backupBed()
}, 120_000)
afterAll(() => bed.close())
beforeEach(() => bed.configure({}))

/** The sets in the machine's own folder, oldest first. */
function ownSets(): string[] {
  const folder = join(bed.paths.state, 'sets/home')
  return existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.json'))
        .sort()
    : []
}

function state() {
  return JSON.parse(readFileSync(join(bed.paths.state, 'state.json'), 'utf8'))
}

/** The date as a run sees it. */
function pretendDate(stamp: string): void {
  bed.standIn('date', `echo ${stamp}`)
}

async function made(): Promise<string> {
  const ran = await bed.program('run')
  expect(ran.stderr).toBe('')
  expect(ran.exitCode).toBe(0)
  return ran.stdout.trim()
}

describe('a backup', () => {
  test('holds the snapshot, certificates and encryption keys, for its recipients alone', async () => {
    const name = await made()
    expect(name).toMatch(/^etcd-home-kube1-\d{8}T\d{6}Z$/)
    const file = join(bed.paths.state, 'sets/home', `${name}.age`)
    const open = (command: string) =>
      execFileSync('sh', [
        '-c',
        `"$0" -d -i "$1" "$2" | ${command}`,
        programFile('age'),
        bed.identityFile,
        file,
      ]).toString()
    const listed = open('tar -tz').split('\n')
    expect(listed).toEqual(
      expect.arrayContaining(['snapshot.db', 'SHA256SUMS', 'manifest.json', 'pki/ca.key', 'enc/config.yaml']),
    )
    const folder = await temporaryFolder()
    open(`tar -xz -C ${folder}`)
    expect(execFileSync('sha256sum', ['-c', 'SHA256SUMS', '--quiet'], { cwd: folder }).toString()).toBe('')
    const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'))
    expect(manifest).toMatchObject({
      cluster: 'home',
      host: 'kube1',
      kubeSystemUid: testUid,
      encryptionKeys: ['key1'],
      etcd: '3.6.14',
    })
    expect(manifest.keys).toBeGreaterThanOrEqual(21)
    expect(manifest.revision).toBeGreaterThan(21)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readdirSync(bed.paths.state).sort()).toEqual(['lock', 'record', 'sets', 'state.json'])
    expect(state()).toMatchObject({
      good: { set: name },
      bad: null,
      places: [{ label: 'this machine', good: { set: name } }],
    })
  })

  test('G01 does not count when its snapshot cannot be restored, though its status looks well', async () => {
    const before = ownSets()
    const real = programFile('age').replace(/age-[^/]*$/, 'etcdctl-3.6.14-linux-amd64')
    // The digest at its end: a byte elsewhere may be one without which not even the status can be read.
    const flip = `for word; do file=$word; done; size=$(wc -c <"$file"); printf '\\377\\377\\377\\377' | dd of="$file" bs=1 seek=$((size - 4)) conv=notrunc 2>/dev/null`
    bed.standIn('etcdctl', `${real} "$@" || exit 1; case " $* " in *' save '*) ${flip} ;; esac`)
    const ran = await bed.program('run')
    bed.restoreProgram('etcdctl')
    expect(ran.exitCode).toBe(1)
    expect(ran.stderr).toContain('the snapshot cannot be restored')
    expect(ownSets()).toEqual(before)
    expect(state().bad.reason).toContain('the snapshot cannot be restored')
  })

  test('says since when it fails, and of a set that was made again no failure is left', async () => {
    await bed.stopEtcd()
    const one = await bed.program('run')
    bed.standIn('etcdctl', 'echo no route to host >&2; exit 1')
    await bed.program('run')
    bed.restoreProgram('etcdctl')
    expect(one.stderr).toContain('no snapshot could be taken')
    const { since, time } = state().bad
    expect(since <= time).toBe(true)
    await bed.startEtcd()
    await made()
    expect(state().bad).toBeNull()
  }, 120_000)

  test('is not made on a machine without an API server', async () => {
    const file = join(bed.paths.kubernetes, 'manifests/kube-apiserver.yaml')
    const text = readFileSync(file, 'utf8')
    execFileSync('mv', [file, `${file}.away`])
    const ran = await bed.program('run')
    writeFileSync(file, text)
    expect(ran.stderr).toContain('this machine has no API server')
    expect(ran.exitCode).toBe(1)
  })
})

describe('retention', () => {
  test('G03 keeps the newest so many however old they are, and 60 days of failures delete nothing', async () => {
    execFileSync('rm', ['-rf', join(bed.paths.state, 'sets')])
    for (const day of ['01', '02', '03', '04', '05']) {
      pretendDate(`202601${day}T030000Z`)
      await made()
    }
    const kept = ['03', '04', '05'].map((day) => `etcd-home-kube1-202601${day}T030000Z.json`)
    expect(ownSets()).toEqual(kept)
    bed.standIn('etcdctl', 'echo no route to host >&2; exit 1')
    for (let day = 1; day <= 60; day++) {
      pretendDate(new Date(Date.UTC(2026, 0, 5 + day, 3)).toISOString().replaceAll(/[-:]|\.\d+/g, ''))
      expect((await bed.program('run')).exitCode).toBe(1)
    }
    bed.restoreProgram('etcdctl')
    expect(ownSets()).toEqual(kept)
    expect(state()).toMatchObject({
      good: { time: '20260105T030000Z' },
      bad: { since: '20260106T030000Z', time: '20260306T030000Z' },
    })
    bed.restoreProgram('date')
  }, 120_000)

  test('touches no set of another machine or cluster, and none that is not described', async () => {
    const folder = join(bed.paths.state, 'sets/home')
    const others = [
      'etcd-home-kube2-20200101T000000Z.json',
      'etcd-home-kube10-20200101T000000Z.age',
      'notes.txt',
    ]
    for (const name of others) writeFileSync(join(folder, name), 'theirs')
    for (let run = 0; run < 4; run++) {
      pretendDate(`2027010${run + 1}T030000Z`)
      await made()
    }
    bed.restoreProgram('date')
    expect(others.filter((name) => !existsSync(join(folder, name)))).toEqual([])
    expect(ownSets().filter((name) => name.includes('kube1-'))).toHaveLength(3)
    for (const name of others) execFileSync('rm', [join(folder, name)])
  }, 60_000)

  test('a run that is killed anywhere leaves whole sets only, and the next one goes on', async () => {
    execFileSync('rm', ['-rf', join(bed.paths.state, 'sets')])
    for (const milliseconds of [20, 60, 120, 200, 300, 400, 600]) {
      execFileSync('sh', [
        '-c',
        'timeout -s KILL "$1" setsid "$0" run >/dev/null 2>&1 || :',
        bed.paths.program,
        String(milliseconds / 1000),
      ])
      for (const name of ownSets()) {
        const { sha256 } = JSON.parse(readFileSync(join(bed.paths.state, 'sets/home', name), 'utf8'))
        const file = join(bed.paths.state, 'sets/home', name.replace('.json', '.age'))
        expect(execFileSync('sha256sum', [file]).toString().split(' ')[0]).toBe(sha256)
      }
    }
    await made()
    expect(existsSync(join(bed.paths.state, 'work'))).toBe(false)
  }, 60_000)
})
