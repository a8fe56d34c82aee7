import type { Finding } from '../cli/errors.ts'
import { refusedByStricter, stricterFindings } from '../kubernetes/pod-security/stricter.ts'
import type { Remarked } from './object-plan.ts'
import { privilegedNamespaces } from './privileged-namespaces.ts'

/** Which namespaces are privileged and why, and what a stricter level would refuse of what runs. */
export async function podSecurityRemarks({ parts, sets, client, config }: Remarked): Promise<Finding[]> {
  const refused = await refusedByStricter(client, config.cluster.podSecurity)
  return [...privilegedNamespaces(parts, sets), ...stricterFindings(refused ?? [])]
}
