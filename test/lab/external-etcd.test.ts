import { afterAll, beforeAll, expect, test } from 'vitest'
import { applyResources, changesOf } from '../support/apply-resources.ts'
import { type EtcdHost, type EtcdHosts, openEtcdHosts } from '../support/etcd-hosts.ts'
import { type HostsProject, hostsProject } from '../support/etcd-hosts-scene.ts'

let bed: EtcdHosts
let project: HostsProject
let [e1, , , cp1] = [] as EtcdHost[]

beforeAll(async () => {
  bed = await openEtcdHosts(['e1', 'e2', 'e3', 'cp1'])
  ;[e1, , , cp1] = bed.hosts
  project = await hostsProject(bed.hosts)
})
afterAll(async () => {
  await bed?.close()
  project?.close()
})

const endpoints = '--endpoints=https://10.98.0.1:2379,https://10.98.0.2:2379,https://10.98.0.3:2379'
const pki = '/etc/kubernetes/pki/etcd-external'
const etcdctl = `etcdctl ${endpoints} --cacert=${pki}/ca.crt --cert=${pki}/client.crt --key=${pki}/client.key`

test('three hosts become one etcd, which control planes log in to by certificate', async () => {
  const titles = await applyResources(await project.steps())
  expect(titles.filter((title) => title.startsWith('e3: '))).toEqual([
    'e3: create group etcd',
    'e3: create user etcd',
    'e3: put certificate /etc/etcd/pki/server.crt and its key there',
    'e3: put certificate /etc/etcd/pki/peer.crt and its key there',
    'e3: create /etc/etcd/etcd.env',
    'e3: create /etc/systemd/system/etcd.service',
    'e3: start a new etcd',
    'e3: wait until its member of etcd takes part',
  ])
  expect(await cp1!.sh(`${etcdctl} endpoint health 2>&1 | grep -c 'is healthy'`)).toBe('3\n')
  await cp1!.sh(`${etcdctl} put /registry/kept yes`)
  expect(await e1!.sh('stat -c "%a %U" /var/lib/etcd /etc/etcd/pki/server.key')).toBe('700 etcd\n600 etcd\n')
})

test('who has no certificate of its authority is refused', async () => {
  const bare = `etcdctl --command-timeout=3s ${endpoints} --cacert=${pki}/ca.crt`
  const ran = await cp1!.try(`${bare} get /registry/kept`)
  expect(ran.exitCode).not.toBe(0)
  expect(ran.stdout).not.toContain('yes')
  const other = `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=root -days 1 -keyout /run/k -out /run/c 2>/dev/null`
  const foreign = await cp1!.try(`${other}; ${bare} --cert=/run/c --key=/run/k get /registry/kept`)
  expect(foreign.exitCode).not.toBe(0)
  expect(foreign.stdout).not.toContain('yes')
})

test('a second run changes nothing', async () => {
  expect((await changesOf(await project.steps())).map(({ title }) => title)).toEqual([])
})
