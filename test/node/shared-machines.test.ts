import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runAtEnd } from '../../tasks/lib/cli/at-end.ts'
import { loadConfig } from '../../tasks/lib/config/config.ts'
import { surveyCluster } from '../../tasks/lib/node/kubeadm/survey.ts'
import { machinesOf } from '../../tasks/lib/node/ssh/shared-machines.ts'
import { runTasks } from '../support/cli.ts'
import { type SshServers, startSshServers } from '../support/sshd.ts'

let ssh: SshServers
const { signal } = new AbortController()

beforeAll(async () => {
  ssh = await startSshServers(3)
  writeFileSync(join(ssh.root, 'cluster.yaml'), ssh.clusterFile())
})
afterAll(() => ssh.close())

function logins(): number[] {
  return ssh.servers.map((server) => server.logins())
}

test('parts of a task that each read the configuration share one connection to a machine, which ends with the task', async () => {
  const survey = async () => {
    const config = await loadConfig(ssh.root)
    return surveyCluster(config.cluster, { machines: machinesOf(config, { signal }), signal })
  }
  const surveys = [...(await Promise.all([survey(), survey()])), await survey()]
  expect(surveys.map(({ states }) => states.size)).toEqual([3, 3, 3])
  expect(logins()).toEqual([1, 1, 1])
  expect(await runAtEnd()).toEqual([])
  await expect
    .poll(() => ssh.servers.filter((server) => server.log().includes('Disconnected')))
    .toHaveLength(3)
})

test('the next task connects anew', async () => {
  const machines = machinesOf(await loadConfig(ssh.root), { signal })
  await machines.of({ name: 'kube1' }).run('true')
  expect(logins()).toEqual([2, 1, 1])
  await runAtEnd()
})

test('tasks doctor looks at machines and cluster by one connection to each', async () => {
  const before = logins()
  const { stdout } = await runTasks(['doctor'], { cwd: ssh.root })
  expect(stdout).toContain('no control plane of cluster test gave its kubeconfig')
  expect(stdout).toMatch(/[!✓✗] kube3 /)
  expect(logins()).toEqual(before.map((count) => count + 1))
}, 120_000)
