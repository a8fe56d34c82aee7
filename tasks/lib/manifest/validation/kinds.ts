import { didYouMean } from '../../cli/suggest.ts'
import type { ManifestObject } from '../object.ts'
import type { CustomKind } from './custom.ts'
import { deprecationOf, removalOf } from './deprecated.ts'
import type { Field } from './field.ts'
import { checkMetadata } from './rules/metadata.ts'
import { checkRules } from './rules.ts'
import { minorNumber, type Schemas } from './schema.ts'
import { checkStructure } from './structural.ts'
import { checkModel } from './typed.ts'

/** What is known of kinds, and what is gathered on the way to be said once. */
export interface Known {
  schemas: Schemas
  custom: Map<string, CustomKind>
  kubernetesVersion: string
  /** Where an object goes that names no namespace. */
  namespaceOf(manifest: ManifestObject): string
  /** Objects of kinds that neither Kubernetes nor a CustomResourceDefinition at hand declares. */
  unknown: ManifestObject[]
  /** Namespaced objects that name no namespace. */
  withoutNamespace: ManifestObject[]
}

interface Checked {
  manifest: ManifestObject
  known: Known
}

/** Checks an object by what its kind is: built in, custom, removed, or not known. */
export function checkKind(object: Field, checked: Checked): void {
  const { apiVersion, kind } = checked.manifest.object
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return
  const { schemas, custom } = checked.known
  const builtIn = schemas.kind(apiVersion, kind)
  const defined = custom.get(`${groupOf(apiVersion)} ${kind}`)
  if (builtIn) {
    checkModel(object, builtIn.model)
    checkScope(object, { ...checked, namespaced: builtIn.namespaced })
    checkCommon(object, checked)
    checkRules(object, kindName(apiVersion, kind))
    reportDeprecation(object, checked)
  } else if (defined) checkCustom(object, { ...checked, defined })
  else checkUnknown(object, checked)
}

function checkCustom(object: Field, { defined, ...checked }: Checked & { defined: CustomKind }): void {
  const { apiVersion } = checked.manifest.object
  const version = defined.versions.get(apiVersion.split('/')[1] ?? '')
  if (!version?.served) {
    const served = [...defined.versions].flatMap(([name, { served }]) => (served ? [name] : []))
    const hint = `its CustomResourceDefinition serves ${served.join(', ') || 'none'}`
    object.at('apiVersion').error('is not served', { got: true, hint })
    return
  }
  if (version.schema) checkStructure(object, version.schema)
  checkModel(object.at('metadata'), checked.known.schemas.model('meta.v1.ObjectMeta'))
  checkScope(object, { ...checked, namespaced: defined.namespaced })
  checkCommon(object, checked)
}

function checkUnknown(object: Field, checked: Checked): void {
  const { apiVersion, kind } = checked.manifest.object
  const { schemas, unknown } = checked.known
  const removal = removalOf(apiVersion, kind)
  if (removal) {
    object.at('apiVersion').error(removal.message, { hint: removal.hint })
    return
  }
  const inGroup = schemas.kinds.filter((key) => groupOf(key.split(' ')[0]!) === groupOf(apiVersion))
  if (inGroup.length === 0 && !isMistyped(object, schemas)) {
    unknown.push(checked.manifest)
    checkCommon(object, checked)
    return
  }
  reportUnserved(object, { inGroup, schemas })
}

/** A group that nobody defines, but a kind that Kubernetes has: "app/v1 Deployment". */
function isMistyped(object: Field, { kinds }: Schemas): boolean {
  const { group, kind } = { group: groupOf(object.at('apiVersion').text!), kind: object.at('kind').text! }
  return !group.includes('.') && kinds.some((key) => key.endsWith(` ${kind}`))
}

function reportUnserved(object: Field, { inGroup, schemas }: { inGroup: string[]; schemas: Schemas }): void {
  const [version, kind] = [object.at('apiVersion'), object.at('kind')]
  const sameKind = schemas.kinds
    .filter((key) => key.endsWith(` ${kind.text}`))
    .map((key) => key.split(' ')[0]!)
  const where = `Kubernetes ${schemas.minor} has no ${version.text} ${kind.text}`
  if (sameKind.length > 0) {
    version.error(where, { hint: `use apiVersion: ${sameKind.join(' or ')}` })
    return
  }
  const names = inGroup.map((key) => key.split(' ')[1]!)
  if (inGroup.some((key) => key.startsWith(`${version.text} `)) || !/\d(alpha|beta)\d/.test(version.text!)) {
    kind.error(where, {
      hint: didYouMean(kind.text!, names) ?? `the group has ${[...new Set(names)].join(', ')}`,
    })
    return
  }
  version.warning(`Kubernetes ${schemas.minor} does not serve ${version.text} ${kind.text} by default`, {
    hint: 'turn it on with --runtime-config of the API server',
  })
}

function checkScope(object: Field, { manifest, known, namespaced }: Checked & { namespaced: boolean }): void {
  const namespace = object.at('metadata', 'namespace')
  if (namespaced && namespace.isEmpty) known.withoutNamespace.push(manifest)
  if (namespaced || namespace.isEmpty) return
  namespace.warning(`a ${manifest.object.kind} is in no namespace: the API server drops it`, {
    got: true,
    hint: 'remove the namespace',
  })
}

function checkCommon(object: Field, { manifest, known }: Checked): void {
  const { apiVersion, kind } = manifest.object
  checkMetadata(object.at('metadata'), {
    kind: kindName(apiVersion, kind),
    minor: minorNumber(known.kubernetesVersion),
  })
}

function reportDeprecation(object: Field, { manifest, known }: Checked): void {
  const { apiVersion, kind } = manifest.object
  const { kubernetesVersion } = known
  const found = deprecationOf(apiVersion, { kind, kubernetesVersion })
  if (found) object.at('apiVersion').warning(found.message, { hint: found.hint })
}

/** "apps/v1" → "apps", "v1" → "" */
export function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.split('/')[0]! : ''
}

/** "Deployment.apps", "Service": a kind without its version. */
export function kindName(apiVersion: string, kind: string): string {
  const group = groupOf(apiVersion)
  return group ? `${kind}.${group}` : kind
}
