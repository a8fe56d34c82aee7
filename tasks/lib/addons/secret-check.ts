import type { Finding } from '../cli/errors.ts'
import { variableDefinition } from '../config/variables/variable-table.ts'
import { loadManifests } from '../manifest/manifest.ts'
import type { KubernetesObject } from '../manifest/object.ts'
import { validate } from '../manifest/validate.ts'

/** What the API server allows for the values of one Secret together. */
const mostBytes = 1024 * 1024

/**
 * What is wrong with the Kubernetes objects in the clear text of a secret file: all that the API server would refuse. A
 * text that holds none has nothing wrong with it.
 */
export async function secretFindings(text: string, file: string): Promise<Finding[]> {
  if (!/\bkind\b/.test(text) || !/\bapiVersion\b/.test(text)) return []
  const { objects, findings } = loadManifests([{ path: file, text }], { variables: new Map(), mode: 'none' })
  const kubernetesVersion = String(variableDefinition('K8S_VERSION')?.default)
  const tooLarge = objects.flatMap(({ object, placeOf }) =>
    sizeOf(object) > mostBytes
      ? {
          severity: 'error' as const,
          message: 'holds more than 1 MiB, the most that a Secret may',
          ...placeOf('data'),
        }
      : [],
  )
  // A note says what is meant by what is not there, such as a namespace: nothing to mend.
  return [...findings, ...validate(objects, { kubernetesVersion }), ...tooLarge].filter(
    ({ severity }) => severity !== 'note',
  )
}

function sizeOf({ kind, data, stringData }: KubernetesObject): number {
  if (kind !== 'Secret') return 0
  const texts = Object.values((stringData as object | undefined) ?? {}).map((value) =>
    Buffer.byteLength(String(value)),
  )
  const encoded = Object.values((data as object | undefined) ?? {}).map((value) =>
    Buffer.byteLength(String(value), 'base64'),
  )
  return [...texts, ...encoded].reduce((sum, size) => sum + size, 0)
}
