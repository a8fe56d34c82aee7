import { manifestsArgument, valueOptions } from './lib/addons/manifest-options.ts'
import { planManifests } from './lib/addons/set-plan.ts'
import { defineTask } from './lib/cli/task.ts'

export default defineTask(import.meta, {
  group: 'manifests',
  summary: 'make the cluster hold the objects of manifests: plan, confirm, apply, wait',
  description:
    'NAME is manifests/NAME.yaml; a path is a file or a folder. Each is a set: what leaves its files is deleted by the ' +
    'next apply, and the plan shows it line by line. Namespaces, CustomResourceDefinitions, PersistentVolumes and ' +
    'claims stay unless their flag is given; deleting more than a fifth of a set takes --prune-many.',
  arguments: {
    manifests: manifestsArgument,
  },
  options: {
    ...valueOptions,
    set: { type: 'string', valueName: 'NAME', summary: 'one set of this name holds all of it' },
    moved: { type: 'boolean', summary: 'the set was applied from another place before' },
    forceConflicts: { type: 'boolean', summary: 'take over fields that other managers own' },
    replace: { type: 'list', valueName: 'KIND/NAME', summary: 'delete and make anew what cannot be changed' },
    prune: { type: 'boolean', default: true, summary: 'delete what has left the files' },
    pruneMany: { type: 'boolean', summary: 'also when it is more than a fifth of a set' },
    includeNamespaces: { type: 'boolean', summary: 'prune Namespaces too, with all that is in them' },
    includeCrds: { type: 'boolean', summary: 'prune CustomResourceDefinitions too, with all their objects' },
    includeVolumes: {
      type: 'boolean',
      summary: 'prune PersistentVolumes and claims too: data may go with them',
    },
    wait: { type: 'boolean', default: true, summary: 'wait until everything is ready' },
    timeout: { type: 'number', default: 300, valueName: 'SECONDS', summary: 'how long to wait' },
  },
  examples: [
    ['tasks apply web', 'apply manifests/web.yaml and wait until it is ready'],
    ['tasks apply upstream/kube-prometheus', 'a folder: kinds first, then the objects of these kinds'],
    ['tasks apply web --replace Deployment/web', 'delete and make anew what the server refuses to change'],
  ],
  // What is replaced or takes data along is named by typing it; --yes does not do.
  confirmName({ options, arguments: { manifests } }) {
    if (options.replace.length > 0) return options.replace.join(',')
    return options.includeVolumes ? manifests.join(',') : undefined
  },
  async plan({ arguments: { manifests }, ...context }) {
    const { wait, timeout, ...flags } = context.options
    const plan = await planManifests(manifests, { ...context, flags })
    return { ...plan, waitSeconds: wait ? timeout : 0, next: 'tasks status' }
  },
})
