import { afterAll, beforeAll, expect, test } from 'vitest'
import { applyResources, changesOf } from '../../support/apply-resources.ts'
import { type EtcdHost, type EtcdHosts, openEtcdHosts } from '../../support/etcd-hosts.ts'
import { type HostsProject, hostsProject } from '../../support/etcd-hosts-scene.ts'

let bed: EtcdHosts
let project: HostsProject
let [e1, e2, e3, cp1] = [] as EtcdHost[]

beforeAll(async () => {
  bed = await openEtcdHosts(['e1', 'e2', 'e3', 'cp1'])
  ;[e1, e2, e3, cp1] = bed.hosts
  project = await hostsProject(bed.hosts)
  await applyResources(await project.steps())
  await cp1!.sh(`${etcdctl} put /registry/kept yes`)
})
afterAll(async () => {
  await bed?.close()
  project?.close()
})

const endpoints = '--endpoints=https://10.98.0.1:2379,https://10.98.0.2:2379,https://10.98.0.3:2379'
const pki = '/etc/kubernetes/pki/etcd-external'
const etcdctl = `etcdctl ${endpoints} --cacert=${pki}/ca.crt --cert=${pki}/client.crt --key=${pki}/client.key`

const progress = { say: () => {}, signal: new AbortController().signal }

async function blocked(): Promise<string[]> {
  const changes = await changesOf(await project.steps())
  return changes.flatMap((change) => (change.blocked ? [change.blocked.message] : []))
}

test('members start again after all of them lost their power', async () => {
  await Promise.all([e1, e2, e3].map((host) => host!.powerOff()))
  await Promise.all([e1, e2, e3].map((host) => host!.powerOn()))
  expect(await applyResources(await project.steps())).toContain('e1: start etcd')
  expect(await cp1!.sh(`${etcdctl} get /registry/kept --print-value-only`)).toBe('yes\n')
})

test('new settings reach one member after the other, each only while the others answer', async () => {
  await e1!.sh(
    'echo ETCD_HEARTBEAT_INTERVAL=200 >>/etc/etcd/etcd.env; sleep 1; systemctl restart etcd.service',
  )
  expect(await applyResources(await project.steps())).toEqual([
    'e1: update /etc/etcd/etcd.env',
    'e1: restart etcd with its new settings',
  ])
  await e1!.sh('echo >>/etc/etcd/etcd.env')
  const [write, restart] = await changesOf(await project.steps())
  await e2!.sh('systemctl stop etcd.service')
  const pid = await e1!.sh('cat /run/etcd.pid')
  await write!.run(progress)
  await expect(restart!.run(progress)).rejects.toThrow(/endpoint health failed with exit code 1/)
  expect(await e1!.sh('cat /run/etcd.pid')).toBe(pid)
  await applyResources(await project.steps())
})

test('certificates are made anew in time, and a key that does not belong to its certificate too', async () => {
  const later = new Date(Date.now() + 300 * 86_400_000)
  const changes = await changesOf(await project.steps({ now: later }))
  expect(changes.map(({ title }) => title)).toHaveLength(7)
  expect(changes[0]).toMatchObject({
    title: 'e1: renew certificate /etc/etcd/pki/server.crt',
    before: [expect.stringMatching(/^it ends in 6[45] days: until \d{4}-\d\d-\d\d$/)],
  })
  await e2!.sh('cp -p /etc/etcd/pki/peer.key /etc/etcd/pki/server.key')
  expect(await applyResources(await project.steps())).toEqual([
    'e2: renew certificate /etc/etcd/pki/server.crt',
    'e2: wait until its member of etcd takes part',
  ])
  const healthy = () => cp1!.sh(`${etcdctl} endpoint health 2>&1 | grep -c 'is healthy' || :`)
  await expect.poll(healthy, { timeout: 60_000 }).toBe('3\n')
})

test('G04 a host that lost its data is refused, with the sum when another member is down too', async () => {
  await e3!.sh('systemctl stop etcd.service; mv /var/lib/etcd/member /var/lib/gone')
  expect(await blocked()).toEqual([
    'e3: its member of etcd has voted before, and /var/lib/etcd/member is not there now',
  ])
  await e3!.sh('rm /etc/kubernetes/metaltasks/etcd-member')
  expect(await blocked()).toEqual([
    expect.stringMatching(
      /^e3: etcd counts on its member \w+, whose data are not here: etcd has 3 voting members, 2 of them healthy \(e\d, e\d\); without e3 there would be 2, of which 2 must be healthy, and 2 are \(e\d, e\d\)$/,
    ),
  ])
  await e2!.sh('systemctl stop etcd.service')
  expect(await blocked()).toEqual([expect.stringMatching(/2 must be healthy, and (1 is|none is)/)])
  await applyOn(e2!)
}, 300_000)

test('a host joins again once its old member was taken out, and gets its vote when it has caught up', async () => {
  await cp1!.sh(`${etcdctl} member remove "$(${etcdctl} member list | grep ', e3, ' | cut -d, -f1)"`)
  const titles = await applyResources(await project.steps())
  expect(titles).toEqual([
    'e3: join etcd, without a vote until it has caught up',
    'e3: give it a vote once it has caught up',
  ])
  expect(await cp1!.sh(`${etcdctl} member list | grep -c 'started.*false$'`)).toBe('3\n')
  expect(await changesOf(await project.steps())).toEqual([])
})

test('data that nobody started here are refused, before anything is changed', async () => {
  await e3!.sh('systemctl stop etcd.service; rm /etc/kubernetes/metaltasks/etcd-member')
  expect(await blocked()).toEqual(['e3: /var/lib/etcd has the data of an etcd that this tool did not start'])
  await e3!.sh('echo "other up" >/etc/kubernetes/metaltasks/etcd-member')
  expect(await blocked()).toEqual([expect.stringContaining('names other, not home')])
})

async function applyOn(host: EtcdHost): Promise<void> {
  const steps = await project.steps()
  const own = steps.map((step) => ({
    ...step,
    work: step.work.filter(({ machine }) => machine.name === host.name),
  }))
  await applyResources(own)
}
