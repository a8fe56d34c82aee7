import { setName } from './lib/addons/set-name.ts'
import { reachTarget } from './lib/addons/set-target.ts'
import { loadSetToDelete } from './lib/addons/set-to-delete.ts'
import { planDelete } from './lib/api/delete.ts'
import { packageRoot } from './lib/cli/root.ts'
import { defineTask } from './lib/cli/task.ts'
import { loadConfig } from './lib/config/config.ts'

export default defineTask(import.meta, {
  group: 'manifests',
  summary: 'delete what apply made of a manifest or folder, and wait until it is gone',
  description:
    'Deletes what the cluster records as the set, so it works when the files are gone or changed; what else is there ' +
    'stays. Namespaces, CustomResourceDefinitions, PersistentVolumes and claims stay unless their flag is given.',
  arguments: {
    set: { summary: 'the name, file or folder that was applied', required: true, complete: 'manifests' },
  },
  options: {
    set: { type: 'string', valueName: 'NAME', summary: "the set's name, where apply was given one" },
    includeNamespaces: { type: 'boolean', summary: 'also Namespaces, with all that is in them' },
    includeCrds: { type: 'boolean', summary: 'also CustomResourceDefinitions, with all their objects' },
    includeVolumes: { type: 'boolean', summary: 'also PersistentVolumes and claims: data may go with them' },
    wait: { type: 'boolean', default: true, summary: 'wait until everything is gone' },
    timeout: { type: 'number', default: 300, valueName: 'SECONDS', summary: 'how long to wait' },
  },
  examples: [
    ['tasks delete web', 'delete what manifests/web.yaml made, but its namespace'],
    ['tasks delete upstream/kube-prometheus --yes --include-crds --include-namespaces', 'all of it, unasked'],
  ],
  // --yes is enough for objects that the files make again; volumes take the set's name.
  confirmName: ({ options, arguments: { set } }) =>
    options.includeVolumes ? (options.set ?? setName(set)) : undefined,
  async plan({ arguments: { set: asked }, options, root, output, signal }) {
    const config = await loadConfig(root)
    const findings = [...config.findings]
    const set = await loadSetToDelete(asked, { config, packageRoot: packageRoot(), set: options.set })
    const { name, client, simulated, fingerprint } = await reachTarget(config, {
      options,
      output,
      signal,
      findings,
    })
    const confirmed = options.confirm === set.name
    const step = await planDelete(client, set, { ...options, confirmed, simulated, signal, findings })
    const waitSeconds = options.wait ? options.timeout : 0
    return { target: name, fingerprint, steps: [step], findings, ask: !simulated, waitSeconds }
  },
})
