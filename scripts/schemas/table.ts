import type { SchemaTable } from '../../tasks/lib/manifest/validation/schema.ts'
import { optionalInPractice } from './optional.ts'

/** Gives the parsed answer of one GET to an API server: "/openapi/v3". */
export type Get = (path: string) => Promise<unknown>

interface Schema {
  $ref?: string
  allOf?: Schema[]
  type?: string
  format?: string
  enum?: string[]
  default?: unknown
  items?: Schema
  additionalProperties?: Schema | boolean
  properties?: Record<string, Schema>
  required?: string[]
  'x-kubernetes-list-type'?: string
  'x-kubernetes-list-map-keys'?: string[]
}
interface Operation {
  'x-kubernetes-group-version-kind'?: { group: string; version: string; kind: string }
  requestBody?: { content: Record<string, { schema: Schema }> }
}
interface Document {
  paths: Record<string, { post?: Operation }>
  components: { schemas: Record<string, Schema> }
}

/** The compact table of every kind that an API server lets create, read from its own OpenAPI v3. */
export async function schemaTable(get: Get): Promise<SchemaTable> {
  const { gitVersion } = (await get('/version')) as { gitVersion: string }
  const documents = await builtInDocuments(get)
  const schemas = Object.assign({}, ...documents.map((document) => document.components.schemas)) as Schemas
  const kinds = Object.assign({}, ...documents.map((document) => creatableKinds(document)))
  return {
    kubernetesVersion: gitVersion.replace(/^v/, ''),
    kinds: sorted(kinds),
    models: sorted(reachableModels(Object.values<string>(kinds), schemas)),
  }
}

/** The table as its file holds it: one line for each kind and model, so that a new release reads as a diff. */
export function tableText({ kubernetesVersion, kinds, models }: SchemaTable): string {
  const lines = (record: object) =>
    Object.entries(record).map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`)
  return `{"kubernetesVersion":${JSON.stringify(kubernetesVersion)},"kinds":{
${lines(kinds).join(',\n')}
},"models":{
${lines(models).join(',\n')}
}}
`
}

type Schemas = Record<string, Schema>

async function builtInDocuments(get: Get): Promise<Document[]> {
  const index = (await get('/openapi/v3')) as { paths: Record<string, { serverRelativeURL: string }> }
  const groups = Object.keys(index.paths).filter((path) => /^(api|apis\/[^/]+)\/v[^/]+$/.test(path))
  return Promise.all(
    groups.sort().map((path) => get(index.paths[path]!.serverRelativeURL) as Promise<Document>),
  )
}

/** "apps/v1 Deployment" → "apps.v1.Deployment", with "*" before it for a kind that lives in namespaces. */
function creatableKinds({ paths, components }: Document): Record<string, string> {
  const kinds: Record<string, string> = {}
  for (const [path, { post }] of Object.entries(paths)) {
    const kind = post?.['x-kubernetes-group-version-kind']
    const body = Object.values(post?.requestBody?.content ?? {})[0]?.schema.$ref
    const isSubresource = /\{name\}/.test(path)
    if (!kind || !body || isSubresource || !isBuiltIn(modelKey(body), components.schemas)) continue
    const namespaced = path.includes('/namespaces/{namespace}/')
    kinds[`${kind.group ? `${kind.group}/` : ''}${kind.version} ${kind.kind}`] =
      (namespaced ? '*' : '') + shortName(modelKey(body))
  }
  return kinds
}

/** A custom resource's model has no Go package in front, or an inline schema: it is not part of the release. */
function isBuiltIn(key: string, schemas: Schemas): boolean {
  return key.startsWith('io.k8s.') && schemas[key]?.properties?.metadata?.allOf !== undefined
}

function reachableModels(kinds: string[], schemas: Schemas): Record<string, Record<string, string>> {
  const byShortName = new Map(Object.entries(schemas).map(([key, schema]) => [shortName(key), schema]))
  const models: Record<string, Record<string, string>> = {}
  const waiting = kinds.map((kind) => kind.replace('*', ''))
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (models[name]) continue
    const fields = modelFields(name, byShortName.get(name)!)
    models[name] = fields
    for (const type of Object.values(fields)) waiting.push(...(type.match(/\b\w+\.v\w+\.\w+/g) ?? []))
  }
  return models
}

function modelFields(model: string, { properties = {}, required = [] }: Schema): Record<string, string> {
  const fields: Record<string, string> = {}
  for (const [field, schema] of Object.entries(properties)) {
    const isRequired = required.includes(field) && !optionalInPractice(model, field)
    fields[field + (isRequired ? '!' : '')] = typeText(schema)
  }
  return sorted(fields)
}

/** A field's type in the notation that tasks/lib/manifest/validation/schema.ts reads. */
function typeText(schema: Schema): string {
  const reference = schema.$ref ?? schema.allOf?.[0]?.$ref
  if (reference) return scalarModels[shortName(modelKey(reference))] ?? shortName(modelKey(reference))
  if (schema.items) return `[${typeText(schema.items)}]${listKeys(schema)}`
  if (typeof schema.additionalProperties === 'object') return `{${typeText(schema.additionalProperties)}}`
  if (schema.enum) return `=${schema.enum.filter((value) => value !== '').join('|')}`
  if (schema.type === 'string') return schema.format === 'byte' ? 'bytes' : 'string'
  if (schema.type === 'integer') return schema.format ?? 'int64'
  return schema.type ?? 'any'
}

/** After a list: "set", or the keys that tell its items apart, with "=TCP" where the server fills one in. */
function listKeys(schema: Schema): string {
  const keys = schema['x-kubernetes-list-map-keys']
  if (!keys) return schema['x-kubernetes-list-type'] === 'set' ? 'set' : ''
  return keys.map((key) => (key === 'protocol' ? 'protocol=TCP' : key)).join(',')
}

const scalarModels: Record<string, string> = {
  'api.resource.Quantity': 'quantity',
  'util.intstr.IntOrString': 'int-or-string',
  'meta.v1.Time': 'time',
  'meta.v1.MicroTime': 'time',
  'meta.v1.Duration': 'duration',
  'meta.v1.FieldsV1': 'object',
  'pkg.runtime.RawExtension': 'object',
  'apiextensions.v1.CustomResourceSubresourceStatus': 'object',
  'apiextensions.v1.JSON': 'any',
  'apiextensions.v1.JSONSchemaPropsOrArray': 'any',
  'apiextensions.v1.JSONSchemaPropsOrBool': 'any',
  'apiextensions.v1.JSONSchemaPropsOrStringArray': 'any',
}

const modelKey = (reference: string) => reference.replace('#/components/schemas/', '')

/** "io.k8s.api.core.v1.Pod" → "core.v1.Pod": what is left is unique. */
function shortName(key: string): string {
  return key.replace(/^io\.k8s\.(?:[\w-]+\.)*?(?=[\w-]+\.\w+\.\w+$)/, '')
}

function sorted<T>(record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))
}
