import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { backupResources } from '../../../tasks/lib/node/etcd-backup/resources.ts'
import { listSets } from '../../../tasks/lib/node/etcd-backup/sets.ts'
import { backupAlarm, readBackupState } from '../../../tasks/lib/node/etcd-backup/state.ts'
import { applyResources } from '../../support/apply-resources.ts'
import { type BackupBed, backupBed } from '../../support/backup-bed.ts'
import { type Lab, openLab } from '../../support/lab.ts'
import type { LabMachine } from '../../support/lab-machine.ts'
import { etcdPrograms } from '../../support/node-software-releases.ts'
import { programFile } from '../../support/real-programs.ts'

let lab: Lab
let kube1: LabMachine
let bed: BackupBed

beforeAll(async () => {
  bed = await backupBed()
  lab = await openLab({ machines: [{ name: 'kube1' }] })
  kube1 = lab.machine('kube1')
  const programs = { ...(await etcdPrograms()), age: programFile('age') }
  for (const [name, file] of Object.entries(programs))
    await kube1.sh(`cat >/usr/local/bin/${name} && chmod 755 /usr/local/bin/${name}`, {
      input: readFileSync(file),
    })
  await startEtcd()
}, 300_000)
afterAll(async () => {
  await Promise.all([lab?.close(), bed?.close()])
})

/** One member of etcd on the machine, and the manifest of an API server that would use it. */
async function startEtcd(): Promise<void> {
  for (const file of ['ca.crt', 'server.crt', 'server.key'])
    await kube1.sh(
      `install -d -m 0700 /etc/kubernetes/pki/etcd /etc/kubernetes/manifests; cat >/etc/kubernetes/pki/etcd/${file}`,
      {
        input: readFileSync(join(bed.paths.kubernetes, 'pki/etcd', file)),
      },
    )
  const pki = '/etc/kubernetes/pki/etcd'
  const flags = ['--etcd-servers=https://127.0.0.1:2379', `--etcd-cafile=${pki}/ca.crt`]
  flags.push(`--etcd-certfile=${pki}/server.crt`, `--etcd-keyfile=${pki}/server.key`)
  await kube1.sh('cat >/etc/kubernetes/manifests/kube-apiserver.yaml', {
    input: flags.map((flag) => `    - ${flag}\n`).join(''),
  })
  const words = '--listen-client-urls=https://127.0.0.1:2379 --advertise-client-urls=https://127.0.0.1:2379'
  const tls = `--client-cert-auth --trusted-ca-file=${pki}/ca.crt --cert-file=${pki}/server.crt --key-file=${pki}/server.key`
  await kube1.sh(`systemd-run -q --unit etcd /usr/local/bin/etcd --data-dir /var/lib/etcd ${words} ${tls}`)
  const value = await bed.etcdctl('get', '/registry/namespaces/kube-system', '--print-value-only')
  const etcdctl = `etcdctl --cacert=${pki}/ca.crt --cert=${pki}/server.crt --key=${pki}/server.key`
  await kube1.until(`${etcdctl} put /registry/namespaces/kube-system '${value.trim()}'`, 60)
}

const apply = () => {
  const places = [{ kind: 'folder' as const, label: '/mnt/share', folder: '/mnt/share' }]
  const settings = { cluster: 'home', host: 'kube1', keep: 3, recipients: [bed.recipient], places }
  const resources = backupResources(settings, { schedule: '*-*-* 03:00:00' })
  return applyResources([
    { name: 'backups', title: 'Backups', work: [{ machine: kube1.asMachine(), resources }] },
  ])
}

describe('backups of a machine', () => {
  test('are set up once; nothing is left to do then, and the timer waits', async () => {
    await expect(apply()).rejects.toThrow('backups are to be copied to /mnt/share, which is no folder')
    await kube1.sh('mkdir /mnt/share; mount -t tmpfs share /mnt/share')
    expect(await apply()).toContain('kube1: enable and start metaltasks-backup.timer')
    expect(await apply()).toEqual([])
    const state = await readBackupState(kube1.asMachine())
    expect(state.isScheduled).toBe(true)
    expect(state.next!.getTime()).toBeGreaterThan(Date.now())
    expect(backupAlarm(state, new Date())).toBe('no backup was made yet')
  }, 120_000)

  test('are made by the service, without this tool', async () => {
    await kube1.sh('systemctl start metaltasks-backup.service')
    const sets = await listSets(kube1.asMachine())
    expect(sets.map(({ label, problem }) => problem ?? label)).toEqual(['kube1', '/mnt/share'])
    expect(backupAlarm(await readBackupState(kube1.asMachine()), new Date())).toBeUndefined()
  }, 120_000)

  test('go nowhere while the place is not mounted, and the alarm says so', async () => {
    await kube1.sh('umount /mnt/share')
    expect((await kube1.try('systemctl start metaltasks-backup.service')).exitCode).toBe(1)
    expect(await kube1.sh('ls -A /mnt/share')).toBe('')
    const alarm = backupAlarm(await readBackupState(kube1.asMachine()), new Date())
    expect(alarm).toContain('/mnt/share/.metaltasks-backups is missing: is the file system mounted?')
    expect(await kube1.sh('journalctl -q -u metaltasks-backup.service | tail -n 5')).toContain(
      'no copy in /mnt/share',
    )
  }, 120_000)

  test('cut off by the power leave whole sets, and the next run goes on', async () => {
    await kube1.sh('mount -t tmpfs share /mnt/share; touch /mnt/share/.metaltasks-backups; sync')
    await kube1.sh('systemctl start --no-block metaltasks-backup.service; sleep 0.5')
    await kube1.powerCut()
    await kube1.start()
    await kube1.sh('mount -t tmpfs share /mnt/share; touch /mnt/share/.metaltasks-backups')
    await kube1.sh(
      'cd /var/lib/metaltasks/backup/sets/home; for one in *.json; do sum=$(sed \'s/.*"sha256":"\\([^"]*\\).*/\\1/\' "$one"); echo "$sum  ${one%.json}.age" | sha256sum -c --quiet || exit 1; done',
    )
    expect(await kube1.sh('systemctl is-active metaltasks-backup.timer')).toBe('active\n')
  }, 120_000)
})
