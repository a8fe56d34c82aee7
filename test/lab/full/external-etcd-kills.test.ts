import { afterEach, expect, test } from 'vitest'
import { applyResources, changesOf } from '../../support/apply-resources.ts'
import { type EtcdHosts, openEtcdHosts } from '../../support/etcd-hosts.ts'
import { type HostsProject, hostsProject } from '../../support/etcd-hosts-scene.ts'
import { killedMachine } from '../../support/killed-machine.ts'

let bed: EtcdHosts
let project: HostsProject

async function open(names: string[]): Promise<void> {
  bed = await openEtcdHosts(names)
  project = await hostsProject(bed.hosts)
}
afterEach(async () => {
  await bed?.close()
  project?.close()
})

const progress = { say: () => {}, signal: new AbortController().signal }

/**
 * Runs until nothing is left to do. The first change of each run is killed before one of its commands, the next run's
 * before the command after it, and so on: every command of the whole setup has a run that died right before it.
 */
async function killBeforeEachCommand(): Promise<number> {
  let command: number | undefined
  let kills = 0
  for (let next = 0; ; ) {
    const end = () => (command === undefined ? undefined : { beforeCommand: command })
    const steps = await project.steps({ machineOf: ({ machine }) => killedMachine(machine, end) })
    command = undefined
    const [change] = await changesOf(steps)
    if (!change) return kills
    expect(change.blocked).toBeUndefined()
    command = next
    const isDone = await change.run(progress).then(
      () => true,
      () => false,
    )
    command = undefined
    next = isDone ? 0 : next + 1
    kills += isDone ? 0 : 1
    if (kills > 300) throw new Error(`${change.title} never comes to its end`)
  }
}

const pki = '/etc/kubernetes/pki/etcd-external'
const login = `--cacert=${pki}/ca.crt --cert=${pki}/client.crt --key=${pki}/client.key`

function members(): Promise<string> {
  const list = `etcdctl --endpoints=https://10.98.0.1:2379 ${login} member list`
  return bed.hosts.at(-1)!.sh(`${list} | cut -d, -f2,3,6 | sort`)
}

test('a new etcd whose setup is killed before each of its commands ends as one that is not', async () => {
  await open(['e1', 'cp1'])
  console.log(`a new etcd: killed ${await killBeforeEachCommand()} times`)
  expect(await members()).toBe(' started, e1, false\n')
}, 900_000)

test('a host that joins and is killed before each of its commands is one member, with a vote', async () => {
  await open(['e1', 'e2', 'e3', 'cp1'])
  await applyResources(await project.steps())
  const [e1, , e3] = bed.hosts
  await e3!.sh(
    'systemctl stop etcd.service; rm -r /var/lib/etcd/member /etc/kubernetes/metaltasks /etc/etcd/initial.env',
  )
  const local =
    'etcdctl --cacert=/etc/etcd/pki/ca.crt --cert=/etc/etcd/pki/server.crt --key=/etc/etcd/pki/server.key'
  await e1!.sh(`${local} member remove "$(${local} member list | grep ', e3, ' | cut -d, -f1)"`)
  console.log(`joining etcd: killed ${await killBeforeEachCommand()} times`)
  expect(await members()).toBe(' started, e1, false\n started, e2, false\n started, e3, false\n')
}, 1_200_000)
