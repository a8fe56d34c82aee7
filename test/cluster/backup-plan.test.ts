import { describe, expect, test } from 'vitest'
import { TaskError } from '../../tasks/lib/cli/errors.ts'
import { backupWork } from '../../tasks/lib/cluster/backup/backup-work.ts'
import { backupRecipients } from '../../tasks/lib/cluster/backup/recipients.ts'
import { restoredKeys } from '../../tasks/lib/cluster/backup/restore/restored-keys.ts'
import { loadConfig } from '../../tasks/lib/config/config.ts'
import { encryptionFile, secretboxKey } from '../../tasks/lib/kubernetes/api-server/encryption-file.ts'
import { s3Bucket, sshTarget } from '../../tasks/lib/node/etcd-backup/place-address.ts'
import { backupResources } from '../../tasks/lib/node/etcd-backup/resources.ts'
import { backupAlarm, backupState } from '../../tasks/lib/node/etcd-backup/state.ts'
import type { SecretProject } from '../../tasks/lib/secrets/project.ts'
import { temporaryFolder } from '../support/cli.ts'
import { localMachine } from '../support/local-machine.ts'
import { changesOn } from '../support/machines.ts'

describe('places of backups', () => {
  test.each([
    ['backup@nas:/srv/backup', { user: 'backup', host: 'nas', port: 22, path: '/srv/backup' }],
    ['backup@nas:backup', { user: 'backup', host: 'nas', port: 22, path: 'backup' }],
    ['ssh://b@nas.example.com:2222/srv/', { user: 'b', host: 'nas.example.com', port: 2222, path: '/srv' }],
    ['b@[fd00::1]:/srv', { user: 'b', host: 'fd00::1', port: 22, path: '/srv' }],
    ['nas:/srv', undefined],
    ['b@nas', undefined],
    ['b@nas:/a"b', undefined],
  ])('%s over SSH', (text, target) => {
    expect(sshTarget(text)).toEqual(target)
  })

  test.each([
    ['https://s3.example.com/etcd', { url: 'https://s3.example.com/etcd', prefix: '' }],
    ['http://127.0.0.1:9000/etcd/a/b/', { url: 'http://127.0.0.1:9000/etcd', prefix: 'a/b/' }],
    ['https://s3.example.com', undefined],
    ['https://s3.example.com/etcd?x=1', undefined],
    ['s3://etcd', undefined],
  ])('%s in S3', (text, bucket) => {
    expect(s3Bucket(text)).toEqual(bucket)
  })

  test('show no credential in a plan', async () => {
    const target = { user: 'b', host: 'nas', port: 22, path: '/srv' }
    const bucket = { url: 'https://s3.example.com/etcd', prefix: '' }
    const settings = {
      ...{ cluster: 'home', host: 'kube1', keep: 14, recipients: ['age1recipient'] },
      places: [
        {
          kind: 'ssh' as const,
          label: 'nas',
          target,
          key: 'PRIVATE WORDS',
          knownHosts: 'nas ssh-ed25519 AAAA\n',
        },
        {
          kind: 's3' as const,
          label: 'bucket',
          bucket,
          region: 'x',
          accessKey: 'ACCESS',
          secretKey: 'SECRET WORDS',
        },
      ],
    }
    const changes = await changesOn(localMachine('kube1'), backupResources(settings, { schedule: 'daily' }))
    const shown = JSON.stringify(
      changes.map(({ title, before, after, commands }) => [title, before, after, commands]),
    )
    expect(shown).toContain('/etc/metaltasks-backup/places/1.key')
    expect(shown).toContain('/etc/metaltasks-backup/places/2.curl')
    for (const word of ['PRIVATE WORDS', 'SECRET WORDS', 'ACCESS']) expect(shown).not.toContain(word)
  })
})

describe('a folder for backups', () => {
  /** What is planned on a control plane of a configuration that names it. */
  async function marking(folder: string) {
    const root = temporaryFolder({
      'cluster.yaml': `nodes: [{ name: kube1.example.com, roles: [control-plane] }]
backup:
  recipients: [age1recipient]
  to:
    - folder: ${folder}
`,
    })
    const config = await loadConfig(root)
    const machines = { of: () => localMachine('kube1') }
    const work = await backupWork(config.cluster.nodes, { config, machines, project: {} as SecretProject })
    const changes = await changesOn(machines.of(), work[0]!.resources)
    const blocked = changes.filter((change) => change.blocked)
    return { blocked, mark: changes.find(({ title }) => title.includes('as a place for backups'))! }
  }

  test('that is not there is the one thing that is blocked, with its line and what to type', async () => {
    const { mark, blocked } = await marking('/srv/not-there')
    const source = { file: 'cluster.yaml', line: 5 }
    expect(blocked).toEqual([mark])
    expect(mark).toMatchObject({ title: 'kube1: mark /srv/not-there as a place for backups', source })
    expect(mark.blocked).toMatchObject({
      ...{ severity: 'error', ...source },
      message:
        'kube1: backup.to: /srv/not-there is no folder; backups are copied to one that is mounted, or made by hand',
      hint: 'mount it on kube1, or where the disk of the system will do, there: mkdir -p /srv/not-there',
    })
  })

  test('that is there is marked', async () => {
    const { mark, blocked } = await marking(temporaryFolder())
    expect([mark.blocked, blocked]).toEqual([undefined, []])
  })
})

describe('recipients of backups', () => {
  const project = (recipients: string[]) =>
    ({
      folder: '/nowhere',
      policyFor: async () => ({ groups: [recipients.map((recipient) => ({ type: 'age', recipient }))] }),
    }) as unknown as SecretProject

  test('are those of the configuration, else those of .sops.yaml that need no plugin', async () => {
    const given = await backupRecipients({ recipients: ['age1given'] }, project([]))
    expect(given).toEqual({ recipients: ['age1given'] })
    const one = `age1${'q'.repeat(58)}`
    const found = await backupRecipients(
      { recipients: [] },
      project([one, 'age1yubikey1qqqq', 'ssh-ed25519 AAAA me', one]),
    )
    expect(found).toEqual({ recipients: [one, 'ssh-ed25519 AAAA me'] })
  })

  test('without any of them no backups are made, and the plan says so', async () => {
    const { problem } = await backupRecipients({ recipients: [] }, project(['age1yubikey1qqqq']))
    expect(problem?.message).toContain('no backups are made: nobody could open them')
  })
})

describe('the alarm', () => {
  const now = new Date('2026-03-07T12:00:00Z')
  const record = (good: unknown, bad: unknown, places: unknown[] = []) =>
    JSON.stringify({ version: 1, good, bad, places })
  const good = { time: '20260105T030000Z', set: 'etcd-home-kube1-20260105T030000Z' }
  const bad = { since: '20260106T030000Z', time: '20260306T030000Z', reason: 'no route to host' }
  const seconds = (text: string) => String(Date.parse(text) / 1000)
  const state = (json: string, { timer = 'scheduled', last = seconds('2026-01-05T03:00:00Z') } = {}) =>
    backupAlarm(backupState(`${json}\n${timer}\n${seconds('2026-03-08T03:00:00Z')}\n${last}\n`), now)

  test.each([
    ['all is well', state(record(good, null)), undefined],
    [
      'G03 they fail for 60 days',
      state(record(good, bad)),
      'backups fail since 2026-01-06, the last good one is of 2026-01-05: no route to host',
    ],
    ['there never was one', state('null', { last: '-' }), 'no backup was made yet'],
    [
      'the timer is off',
      state(record(good, null), { timer: 'idle' }),
      'no backups are made: metaltasks-backup.timer is not active; the last good one is of 2026-01-05',
    ],
    [
      'one place gets no copy',
      state(record(good, null, [{ label: 'nas', good: null, bad }])),
      'no copy in nas since 2026-01-06: no route to host',
    ],
    [
      'a run was lost',
      state(record(good, null), { last: seconds('2026-03-07T03:00:00Z') }),
      'the backup of 2026-03-07 did not end, the last good one is of 2026-01-05',
    ],
  ])('when %s', (_, alarm, wanted) => {
    expect(alarm).toBe(wanted)
  })
})

describe('encryption keys of a restore', () => {
  const key = (name: string, fill = 1) => ({ name, secret: Buffer.alloc(32, fill).toString('base64') })
  const set = (text?: string) => ({
    title: 'set',
    files: new Map(text === undefined ? [] : [['enc/config.yaml', Buffer.from(text)]]),
  })
  const restored = (text: string | undefined, kept?: ReturnType<typeof key>[]) =>
    restoredKeys(set(text) as never, kept)

  test('are those of the backup first, and no kept key is lost', () => {
    const keys = restored(encryptionFile([secretboxKey(key('old'))]), [key('new', 2), key('old')])
    expect(keys.keep?.map(({ name }) => name)).toEqual(['old', 'new'])
    expect(keys.file).toBe(encryptionFile([key('old'), key('new', 2)].map(secretboxKey)))
  })

  test('are not written again where they are kept so', () => {
    const keys = restored(encryptionFile([secretboxKey(key('one'))]), [key('one')])
    expect(keys).toEqual({ file: encryptionFile([secretboxKey(key('one'))]) })
  })

  test('stay what they are where nothing was encrypted', () => {
    expect(restored(undefined, [key('one')])).toEqual({})
  })

  test('of the same name and another value are refused', () => {
    const text = encryptionFile([secretboxKey(key('one', 3))])
    expect(() => restored(text, [key('one')])).toThrow(TaskError)
  })
})
