import { connect } from '../../tasks/lib/api/client.ts'
import { planOf, runStep } from './sets.ts'
import { twelveObjects } from './twelve-objects.ts'

// A program of its own, so that it can be killed: applies a set and dies, as by kill -9, with its nth write under way.
// Usage: killed-apply KUBECONFIG NAMESPACE N

const [kubeconfig, namespace, at] = process.argv.slice(2) as [string, string, string]
const client = await connect(kubeconfig)
let writes = 0
const { apply } = client
client.apply = (object, options) => {
  const answer = apply(object, options)
  if (!options?.dryRun && ++writes === Number(at)) setTimeout(() => process.kill(process.pid, 'SIGKILL'), 1)
  return answer
}
await runStep(await planOf(client, twelveObjects(namespace)))
console.log(writes)
client.close()
