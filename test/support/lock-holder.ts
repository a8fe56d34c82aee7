import { lockMachines } from '../../tasks/lib/node/lock/lock.ts'
import { openMachines } from '../../tasks/lib/node/ssh/machines.ts'

// Another operator's run for tests: locks the first node of the configuration that it gets, and stays until it is killed.
const [config, path, staleSeconds] = process.argv.slice(2)
const { signal } = new AbortController()
const given = JSON.parse(config!)
const machines = openMachines(given, { signal })
const machine = machines.of(given.cluster.nodes[0])
const options = {
  signal,
  holder: 'bob@desk: tasks install',
  path,
  staleSeconds: Number(staleSeconds),
  beatSeconds: 0.2,
}
await lockMachines([machine], options)
process.stdout.write('locked\n')
setInterval(() => {}, 1000)
