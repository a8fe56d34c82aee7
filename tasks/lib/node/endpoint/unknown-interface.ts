import { TaskError } from '../../cli/errors.ts'
import type { Resource } from '../resource.ts'

/** In the place of what needs the network interface of a machine that has no default route. */
export function unknownInterface(): Resource {
  return {
    target: 'network interface of the endpoint',
    probe: ':',
    plan: () => {
      throw new TaskError('it has no default route, whose network interface would be taken', {
        hint: 'in cluster.yaml: endpoint: { interface: eth0, … }',
      })
    },
  }
}
