import type { Finding } from '../cli/errors.ts'
import type { KubernetesObject, ManifestObject } from './object.ts'
import { customKinds } from './validation/custom.ts'
import { duplicates } from './validation/duplicates.ts'
import { checkKind, type Known } from './validation/kinds.ts'
import { checkLeftOvers } from './validation/left-overs.ts'
import { checkReferences } from './validation/references.ts'
import { reportingField } from './validation/report.ts'
import { schemasFor } from './validation/schema.ts'
import { sortFindings, summarize } from './validation/summary.ts'

/** What validating depends on beside the objects. */
export interface ValidateOptions {
  /** The version of the target: "1.36.3". */
  kubernetesVersion: string
  /** CustomResourceDefinitions known besides those in the set. */
  imports?: KubernetesObject[]
  /** Files of our own: a reference that was left as it is deserves a warning there. */
  ownFiles?: ReadonlySet<string>
  /** Where objects of our own files go that name no namespace; all others go to default. */
  ownNamespace?: string
}

/**
 * Everything that can be said about objects without asking an API server, in the order of the files. An error is what
 * the API server would refuse; what it would take, but hardly was meant, is a warning.
 */
export function validate(objects: ManifestObject[], options: ValidateOptions): Finding[] {
  const { kubernetesVersion, imports = [], ownFiles = new Set(), ownNamespace = 'default' } = options
  const schemas = schemasFor(kubernetesVersion)
  const custom = customKinds([...imports, ...objects.map(({ object }) => object)])
  const namespaceOf = ({ source }: ManifestObject) => (ownFiles.has(source.file) ? ownNamespace : 'default')
  const known: Known = { schemas, custom, kubernetesVersion, namespaceOf, unknown: [], withoutNamespace: [] }
  const findings: Finding[] = []
  for (const manifest of objects) {
    const field = reportingField(manifest, findings)
    checkKind(field, { manifest, known })
    checkLeftOvers(field, { manifest, isOwn: ownFiles.has(manifest.source.file) })
  }
  findings.push(...duplicates(objects, known), ...checkReferences(objects), ...summarize(known))
  return sortFindings(findings, objects)
}
