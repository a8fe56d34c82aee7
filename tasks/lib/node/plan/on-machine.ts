import type { Finding } from '../../cli/errors.ts'
import type { Machine } from '../machine.ts'
import type { Resource } from '../resource.ts'

/** A finding with the machine that it is about, and the resource where it does not say so itself. */
export function onMachine(
  finding: Finding,
  { machine, resource }: { machine: Machine; resource?: Pick<Resource, 'target'> },
): Finding {
  const about = [machine.label, resource?.target].filter(Boolean).join(': ')
  return { ...finding, message: `${about}: ${finding.message}` }
}
