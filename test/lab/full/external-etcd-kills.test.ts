import { afterEach, beforeEach, expect, test } from 'vitest'
import { changesOf } from '../../support/apply-resources.ts'
import { type EtcdHosts, openEtcdHosts } from '../../support/etcd-hosts.ts'
import { type HostsProject, hostsProject } from '../../support/etcd-hosts-scene.ts'
import { killedMachine } from '../../support/killed-machine.ts'

let bed: EtcdHosts
let project: HostsProject

beforeEach(async () => {
  bed = await openEtcdHosts(['e1', 'e2', 'e3', 'cp1'])
  project = await hostsProject(bed.hosts)
})
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

test('a setup that is killed before each of its commands ends as one that is not', async () => {
  const kills = await killBeforeEachCommand()
  console.log(`external etcd: killed ${kills} times`)
  const [, , , cp1] = bed.hosts
  const pki = '/etc/kubernetes/pki/etcd-external'
  const login = `--cacert=${pki}/ca.crt --cert=${pki}/client.crt --key=${pki}/client.key`
  const listed = await cp1!.sh(
    `etcdctl --endpoints=https://10.98.0.1:2379 ${login} member list | cut -d, -f2,3,6 | sort`,
  )
  expect(listed).toBe(' started, e1, false\n started, e2, false\n started, e3, false\n')
  expect(await changesOf(await project.steps())).toEqual([])
}, 900_000)
