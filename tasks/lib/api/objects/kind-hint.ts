import { suggest } from '../../cli/suggest.ts'
import type { KubernetesObject } from '../../manifest/object.ts'
import type { ApiClient } from '../client.ts'
import { apiVersionOf } from '../resource.ts'
import { groupOf } from './identity.ts'

/** What to do about a kind that the server does not have: another version of it, another spelling, or its CRD. */
export async function suggestKind(
  client: ApiClient,
  { apiVersion, kind }: KubernetesObject,
): Promise<string> {
  const all = (await client.discovery()).all()
  const elsewhere = all.filter((resource) => resource.kind === kind).map(apiVersionOf)
  if (elsewhere.length > 0) return `the server has ${kind} in ${elsewhere.join(', ')}`
  const ofGroup = all.filter(({ group }) => group === groupOf(apiVersion)).map((resource) => resource.kind)
  const near = suggest(kind, ofGroup)
  return near ? `did you mean ${near}?` : 'apply the manifest that brings its CustomResourceDefinition first'
}
