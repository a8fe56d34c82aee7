import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createOutput } from '../../tasks/lib/cli/output.ts'
import { execute } from '../../tasks/lib/cli/plan/steps.ts'
import { planNodes } from '../../tasks/lib/node/plan/plan-nodes.ts'
import { openMachines } from '../../tasks/lib/node/ssh/machines.ts'
import { temporaryFolder } from '../support/cli.ts'
import { textResource } from '../support/machines.ts'
import { screen } from '../support/screen.ts'
import { type SshServers, startSshServers } from '../support/sshd.ts'

const signal = new AbortController().signal
let ssh: SshServers
beforeAll(async () => {
  ssh = await startSshServers(4)
})
afterAll(() => ssh?.close())

/** Plans a file on each server, and makes what is planned. */
async function makeFiles(folder: string, quorum: string[]) {
  const config = ssh.config()
  const machines = openMachines(config, { signal })
  try {
    const work = config.cluster.nodes.map((node) => ({
      machine: machines.of(node),
      resources: [textResource(join(folder, node.name))],
    }))
    const { steps, findings } = await planNodes([{ name: 'files', title: 'Files', work }], {
      parallel: 4,
      quorum,
      signal,
    })
    const output = createOutput({ stdout: screen(), stderr: screen(), environment: {} })
    const report = await execute({ target: 'test', steps, findings }, { output, signal })
    return { report, findings }
  } finally {
    await machines.close()
  }
}

test('A02 one server that is down is named, its quorum group stays as it is, all others are changed', async () => {
  const folder = temporaryFolder()
  const names = ssh.servers.map(({ name }) => name)
  const [first, second, third, ...others] = names as [string, string, string, ...string[]]
  await ssh.servers[0]!.stop()
  const { report, findings } = await makeFiles(folder, [first, second, third])
  expect(report.outcome).toBe('failed')
  expect(findings.map(({ severity }) => severity)).toEqual(['error', 'warning', 'warning'])
  expect(findings[0]!.message).toContain(first)
  expect(names.filter((name) => existsSync(join(folder, name)))).toEqual(others)
  await ssh.servers[0]!.start()
  expect(await makeFiles(folder, [first, second, third])).toMatchObject({
    report: { outcome: 'done' },
    findings: [],
  })
  expect(names.map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual(names.map(() => 'wanted'))
}, 120_000)

test('A03 a second run logs in once on each server, and asks twice', async () => {
  const folder = temporaryFolder()
  await makeFiles(folder, [])
  const before = ssh.servers.map((server) => server.logins())
  const { report } = await makeFiles(folder, [])
  expect(report.changes).toEqual([])
  expect(report.verification).toMatchObject({ ready: 4, failed: 0 })
  expect(ssh.servers.map((server, index) => server.logins() - before[index]!)).toEqual([1, 1, 1, 1])
}, 120_000)
