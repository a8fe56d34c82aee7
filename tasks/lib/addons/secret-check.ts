import type { Finding } from '../cli/errors.ts'
import { variableDefinition } from '../config/variables/variable-table.ts'
import { loadManifests } from '../manifest/manifest.ts'
import { validate } from '../manifest/validate.ts'

/**
 * What is wrong with the Kubernetes objects in the clear text of a secret file: all that the API server would refuse. A
 * text that holds none has nothing wrong with it.
 */
export async function secretFindings(text: string, file: string): Promise<Finding[]> {
  if (!/\bkind\b/.test(text) || !/\bapiVersion\b/.test(text)) return []
  const { objects, findings } = loadManifests([{ path: file, text }], { variables: new Map(), mode: 'none' })
  const kubernetesVersion = String(variableDefinition('K8S_VERSION')?.default)
  const all = [...findings, ...validate(objects, { kubernetesVersion })]
  // A note says what is meant by what is not there, such as a namespace: nothing to mend.
  return all.filter(({ severity }) => severity !== 'note')
}
