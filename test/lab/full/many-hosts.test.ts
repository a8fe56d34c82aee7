import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test, vi } from 'vitest'
import { startTargets, type Targets } from '../../../scripts/bench/nodes/targets.ts'
import { run, temporaryFolder } from '../../support/cli.ts'

// Fifty SSH servers of this host, each with an /etc of its own, on two cores.
vi.setConfig({ testTimeout: 600_000 })

const tsx = fileURLToPath(import.meta.resolve('tsx'))
const program = fileURLToPath(new URL('../../../scripts/bench/nodes/program.ts', import.meta.url))

/** Plans what is wanted of all of them in a process of its own, makes it where that is asked, and looks again. */
async function check(
  { root }: Targets,
  ...words: string[]
): Promise<{ changes: string[]; findings: unknown[] }> {
  const all = ['--import', tsx, program, root, ...words]
  const { exitCode, stdout, stderr } = await run(process.execPath, all)
  expect(exitCode, stderr).toBe(0)
  return JSON.parse(stdout)
}

// How much faster than Ansible is printed by `npm run bench:nodes -- --targets 50`.
test('I02 fifty hosts with nothing left to do are checked again in three round trips each', async () => {
  const targets = await startTargets(50, temporaryFolder({}))
  onTestFinished(() => targets.close())
  const trips = () => Promise.all(targets.hosts.map((host) => host.sessions()))
  const made = await check(targets, 'apply')
  expect(made.findings).toEqual([])
  expect(made.changes.length).toBeGreaterThan(50)
  const before = await trips()
  expect(await check(targets)).toMatchObject({ changes: [], findings: [] })
  const most = Math.max(...(await trips()).map((count, index) => count - before[index]!))
  console.log(`I02 most round trips to one of fifty hosts: ${most}`)
  expect(most).toBeGreaterThan(0)
  expect(most).toBeLessThanOrEqual(3)
})
