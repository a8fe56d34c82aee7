import type { Finding } from '../../cli/errors.ts'
import type { Resource } from '../resource.ts'
import { membership, recordFolder } from './names.ts'

/** Shell that is true on a member of a cluster whose programs somebody else installed. */
export const isForeign = `test -e ${membership} && ! test -d ${recordFolder}`

const foreign = 'installed by others\n'

/** Said of such a machine. */
export const foreignNote: Finding = {
  severity: 'note',
  message: 'it is a member of a cluster, and its programs were installed by others: they stay as they are',
  hint: 'say so with software: { source: none }, or have ours on it when it is made anew: tasks node:rebuild',
}

/** The same resource, left as it is on a member of a cluster whose programs somebody else installed. */
export function onOurMachines(resource: Resource, { findings = [] as Finding[] } = {}): Resource {
  return {
    ...resource,
    probe: `if ${isForeign}; then echo '${foreign.trim()}'; exit 0; fi\n${resource.probe}`,
    plan: (answer) => (answer.stdout === foreign ? { actions: [], findings } : resource.plan(answer)),
  }
}
