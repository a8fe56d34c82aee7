import { planLayer } from './lib/addons/layer.ts'
import { manifest } from './lib/addons/parts.ts'
import { defineTask } from './lib/cli/task.ts'

export default defineTask(import.meta, {
  group: 'manifests',
  summary: "apply the user's namespace: account, limits, quota, network policies",
  examples: [
    ['tasks namespace-config', 'show what differs for $K8S_NAMESPACE, ask, apply it'],
    ['K8S_NAMESPACE=media tasks namespace-config', 'another namespace'],
  ],
  oldNames: ['install/limits', 'install/namespace', 'install/namespace-user'],
  plan: (context) => planLayer([manifest('namespace-config')], context),
})
