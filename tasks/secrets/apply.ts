import { secretSet } from '../lib/addons/secret-set.ts'
import { planOneSet } from '../lib/addons/set-plan.ts'
import { defineTask } from '../lib/cli/task.ts'

export default defineTask(import.meta, {
  group: 'secrets',
  summary: 'make the cluster hold the Secrets of secrets/, decrypted in memory only',
  description:
    'A Secret goes to the namespace that it names, else to that of its folder (secrets/NAMESPACE/NAME.yaml), else to ' +
    'K8S_NAMESPACE. Nothing in it is substituted. Without NAME all files are applied, and Secrets whose file is gone ' +
    'are deleted. The plan shows which keys change, never a value.',
  arguments: {
    names: { summary: 'secret files: keyname, or a path', many: true, complete: 'files' },
  },
  options: {
    prune: { type: 'boolean', default: true, summary: 'delete Secrets whose file is gone' },
    pruneMany: { type: 'boolean', summary: 'also when it is more than a fifth of them' },
    forceConflicts: { type: 'boolean', summary: 'take over fields that other managers own' },
    replace: { type: 'list', valueName: 'KIND/NAME', summary: 'delete and make anew what cannot be changed' },
  },
  examples: [
    ['tasks secrets:apply', 'all Secrets'],
    ['tasks secrets:apply keyname', 'those of secrets/keyname.yaml only; nothing is deleted'],
    ['tasks secrets:apply --dry-run', 'which Secrets and keys would change'],
  ],
  confirmName: ({ options }) => (options.replace.length > 0 ? options.replace.join(',') : undefined),
  async plan({ arguments: { names }, ...context }) {
    const { prune, pruneMany, forceConflicts, replace } = context.options
    const flags = { pruneMany, forceConflicts, replace, prune: prune && names.length === 0 }
    const plan = await planOneSet((config) => secretSet({ ...context, config, names }), { ...context, flags })
    return { ...plan, next: 'tasks status' }
  },
})
