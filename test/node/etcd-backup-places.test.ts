import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { placeMarker } from '../../tasks/lib/node/etcd-backup/paths.ts'
import type { BackupPlaceSettings } from '../../tasks/lib/node/etcd-backup/settings.ts'
import { type BackupBed, backupBed } from '../support/backup-bed.ts'
import { type S3Server, s3Server } from '../support/s3-server.ts'
import { type SshServers, startSshServers } from '../support/sshd.ts'

let bed: BackupBed
let s3: S3Server
let ssh: SshServers
beforeAll(async () => {
  bed = await backupBed()
  s3 = await s3Server(['etcd'])
  ssh = await startSshServers(1, { lines: ['Subsystem sftp internal-sftp', 'ForceCommand internal-sftp'] })
}, 300_000)
afterAll(async () => {
  await Promise.all([bed?.close(), s3?.close(), ssh?.close()])
})
afterEach(() => bed.restoreProgram('date'))

function bucket(prefix = 'home/'): BackupPlaceSettings {
  const { url, region, accessKey, secretKey } = s3
  return {
    kind: 's3',
    label: 'the bucket',
    bucket: { url: `${url}/etcd`, prefix },
    region,
    accessKey,
    secretKey,
  }
}

function server(path = join(bed.root, 'far away')): BackupPlaceSettings {
  const [{ address, port, name, pinned }] = ssh.servers as [SshServers['servers'][number]]
  const target = { user: 'root', host: address, port, path }
  const knownHosts = pinned().replace(name, `[${address}]:${port},${address}`)
  return { kind: 'ssh', label: 'the server', target, key: readFileSync(ssh.identity, 'utf8'), knownHosts }
}

function folder(marked = true): BackupPlaceSettings {
  const path = join(bed.root, 'share')
  mkdirSync(path, { recursive: true })
  rmSync(join(path, placeMarker), { force: true })
  if (marked) writeFileSync(join(path, placeMarker), '')
  return { kind: 'folder', label: 'the share', folder: path }
}

/** Names of sets in a list of files, oldest first. */
function setsIn(names: string[]): string[] {
  return names
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.replace(/^.*\/|\.json$/g, ''))
    .sort()
}

async function runOn(stamp: string) {
  bed.standIn('date', `echo ${stamp}`)
  return bed.program('run')
}

function state() {
  return JSON.parse(readFileSync(join(bed.paths.state, 'state.json'), 'utf8'))
}

describe('copies', () => {
  test('go to a bucket, a server and a folder, each keeps its newest, and each set comes back whole', async () => {
    bed.configure({ keep: 2, places: [bucket(), server(), folder()] })
    for (const day of ['01', '02', '03']) {
      const ran = await runOn(`202601${day}T030000Z`)
      expect(ran.stderr).toBe('')
      expect(ran.exitCode).toBe(0)
    }
    const kept = ['etcd-home-kube1-20260102T030000Z', 'etcd-home-kube1-20260103T030000Z']
    expect(setsIn(s3.objects('etcd'))).toEqual(kept)
    expect(s3.objects('etcd')).toHaveLength(4)
    expect(readdirSync(join(bed.root, 'far away/home')).sort()).toEqual(
      kept.flatMap((name) => [`${name}.age`, `${name}.json`]),
    )
    expect(setsIn(readdirSync(join(bed.root, 'share/home')))).toEqual(kept)
    const listed = (await bed.program('list')).stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(listed.map(({ label, set }) => `${label}: ${set.name}`)).toEqual(
      ['this machine', 'the bucket', 'the server', 'the share'].flatMap((label) =>
        kept.map((name) => `${label}: ${name}`),
      ),
    )
    const own = readFileSync(join(bed.paths.state, 'sets/home', `${kept[1]}.age`))
    for (const place of ['1', '2', '3']) {
      const ran = await bed.program('fetch', place, kept[1]!)
      expect(ran.stderr).toBe('')
      expect(readFileSync(ran.stdout.trim()).equals(own)).toBe(true)
      rmSync(ran.stdout.trim())
    }
  }, 120_000)

  test('of a place that fails leave the others alone, and are told of until they work again', async () => {
    bed.configure({
      places: [{ ...bucket(), secretKey: 'wrong' } as BackupPlaceSettings, folder(false), server()],
    })
    const ran = await runOn('20260104T030000Z')
    expect(ran.exitCode).toBe(1)
    expect(ran.stderr).toContain('the bucket: curl: (22) The requested URL returned error: 403')
    expect(ran.stderr).toContain(`${placeMarker} is missing: is the file system mounted?`)
    expect(
      state().places.map(({ good, bad }: { good: { time: string }; bad: unknown }) => [
        good.time,
        bad !== null,
      ]),
    ).toEqual([
      ['20260104T030000Z', false],
      ['20260103T030000Z', true],
      ['20260103T030000Z', true],
      ['20260104T030000Z', false],
    ])
    expect(state().good.time).toBe('20260103T030000Z')
    bed.configure({ places: [bucket(), folder(), server()] })
    expect((await runOn('20260105T030000Z')).exitCode).toBe(0)
    expect(state().places.every(({ bad }: { bad: unknown }) => bad === null)).toBe(true)
  }, 60_000)

  test('that are not what was written do not count, and nothing older is deleted for them', async () => {
    bed.configure({ keep: 1, places: [folder()] })
    const before = setsIn(readdirSync(join(bed.root, 'share/home')))
    bed.standIn('cp', 'cat "$1" >"$2"; printf x >>"$2"')
    const ran = await runOn('20260106T030000Z')
    rmSync(join(bed.root, 'bin/cp'))
    expect(ran.stderr).toContain('was read back and is not what was written')
    expect(setsIn(readdirSync(join(bed.root, 'share/home')))).toEqual(before)
  }, 60_000)

  test('go to no server whose host key is another one', async () => {
    const other = server(join(bed.root, 'other'))
    const wrong = ssh.servers[0]!.pinned().replace(/AAAA.{40}/, (text) => text.replace(/.{8}$/, 'AAAAAAAA'))
    bed.configure({
      places: [
        { ...other, knownHosts: wrong.replace('kube1', ssh.servers[0]!.address) } as BackupPlaceSettings,
      ],
    })
    const ran = await runOn('20260107T030000Z')
    expect(ran.stderr).toMatch(/Host key verification failed|host key/i)
    expect(existsSync(join(bed.root, 'other'))).toBe(false)
  }, 60_000)

  test('need no credential in an argument list', async () => {
    bed.configure({ places: [bucket(), server()] })
    bed.standIn('curl', `echo "$*" >>${bed.root}/arguments; exec /usr/bin/curl "$@"`)
    bed.standIn('sftp', `echo "$*" >>${bed.root}/arguments; exec /usr/bin/sftp "$@"`)
    expect((await runOn('20260108T030000Z')).exitCode).toBe(0)
    for (const name of ['curl', 'sftp']) rmSync(join(bed.root, 'bin', name))
    const said = readFileSync(join(bed.root, 'arguments'), 'utf8')
    expect(said).not.toContain('secret')
    expect(said).not.toContain('backup-key')
    expect(said).not.toContain('PRIVATE')
    chmodSync(bed.root, 0o700)
  }, 60_000)

  test('are listed beyond the names of one page', async () => {
    bed.configure({ places: [bucket('many/')] })
    for (const day of ['09', '10', '11']) expect((await runOn(`202601${day}T030000Z`)).exitCode).toBe(0)
    // Two names a page instead of a thousand.
    bed.standIn(
      'curl',
      `for word; do case $word in *list-type*) set -- "$@" "$(echo "$word" | sed 's/type=2&/type=2\\&max-keys=2\\&/')" ;; *) set -- "$@" "$word" ;; esac; shift; done; exec /usr/bin/curl "$@"`,
    )
    const { stdout } = await bed.program('list')
    rmSync(join(bed.root, 'bin/curl'))
    const listed = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const days = listed.filter(({ label }) => label === 'the bucket').map(({ set }) => set.time.slice(6, 8))
    expect(days).toEqual(['09', '10', '11'])
  }, 60_000)
})
