import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runTasks } from '../support/cli.ts'
import { type SshServers, startSshServers } from '../support/sshd.ts'

let ssh: SshServers

beforeAll(async () => {
  ssh = await startSshServers(20)
  writeFileSync(join(ssh.root, 'cluster.yaml'), ssh.clusterFile())
})
afterAll(() => ssh.close())

test('A02 of 20 hosts one does not answer: 19 show their facts, it is named, and the exit code is 1', async () => {
  await ssh.servers[4]!.stop()
  const { stdout, stderr, exitCode } = await runTasks(['nodes', '--json'], { cwd: ssh.root })
  const { nodes } = JSON.parse(stdout)
  expect(nodes.filter((node: object) => 'facts' in node)).toHaveLength(19)
  expect(nodes.find((node: object) => 'error' in node)).toMatchObject({ name: 'kube5' })
  expect(stderr).toContain(`error: kube5: nobody listens at 127.0.0.15 port ${ssh.servers[4]!.port}\n`)
  expect(exitCode).toBe(1)
  expect(ssh.servers.map((server) => server.logins())).toEqual(ssh.servers.map((_, at) => (at === 4 ? 0 : 1)))
}, 120_000)

test('tasks nodes shows a table, and a line for the host that does not answer', async () => {
  const { stdout } = await runTasks(['nodes', 'kube1', 'kube5'], { cwd: ssh.root })
  const [head, one, other] = stdout.split('\n')
  expect(head).toMatch(
    /^NODE +ADDRESS +SYSTEM +KERNEL +CPUS +MEMORY +FREE IN GROUPS +UP +KUBELET +TO LOOK AT$/,
  )
  expect(one).toMatch(/^kube1 +\S+ +Debian 1\d /)
  expect(other).toMatch(/^kube5 +- +no answer$/)
})
