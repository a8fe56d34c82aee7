import type { Change } from '../../../tasks/lib/cli/change.ts'
import { loadConfig } from '../../../tasks/lib/config/config.ts'
import { planNodes } from '../../../tasks/lib/node/plan/plan-nodes.ts'
import { openMachines } from '../../../tasks/lib/node/ssh/machines.ts'
import { nodeChecks, nodeResources } from './checks.ts'

/** Plans what is wanted of every node of a project, makes it where "apply" is given, verifies it, and prints what differed. */
const [root, word] = process.argv.slice(2)
const { signal } = new AbortController()
const config = await loadConfig(root!)
const machines = openMachines(config, { signal })
const progress = { signal, say: () => {} }
try {
  const resources = nodeResources(nodeChecks())
  const work = config.cluster.nodes.map((node) => ({ machine: machines.of(node), resources }))
  const { parallel } = config.cluster.ssh
  const { steps, findings } = await planNodes([{ name: 'nodes', title: 'Nodes', work }], { parallel, signal })
  const changes = steps.flatMap(({ waves }) => waves.flatMap((wave) => wave.changes))
  const checks = steps.flatMap(({ unchanged }) => unchanged)
  const lanes = config.cluster.nodes.map(({ name }) => changes.filter(({ lane }) => lane === name))
  if (word === 'apply') await Promise.all(lanes.map(inOrder))
  const toVerify = word === 'apply' ? [...changes, ...checks] : checks
  await Promise.all(toVerify.map((check) => check.verify(progress)))
  const said = { changes: changes.map(({ title }) => title), checks: checks.length, findings }
  console.log(JSON.stringify(said))
} finally {
  await machines.close()
}

async function inOrder(lane: Change[]): Promise<void> {
  for (const change of lane) await change.run(progress)
}
