import { openMachines } from '../../tasks/lib/node/ssh/machines.ts'

// Another operator's command on the first node, which takes two seconds and then writes a file.
const [config, file] = process.argv.slice(2)
const given = JSON.parse(config!)
const machines = openMachines(given, { signal: new AbortController().signal })
setTimeout(() => process.stdout.write('begun\n'), 700)
await machines.of(given.cluster.nodes[0]).run(`sleep 2; touch ${file}`)
await machines.close()
