import type { KubernetesObject, ManifestObject } from '../../tasks/lib/manifest/object.ts'

/** An object with the given fields; "web/conf" names a namespace too. */
export function object(type: string, name: string, fields: Record<string, unknown> = {}): KubernetesObject {
  const [kind, apiVersion = 'v1'] = type.split(' ') as [string, string?]
  const [last, namespace] = name.split('/').reverse() as [string, string?]
  const { metadata, ...rest } = fields
  const meta = { name: last, ...(namespace ? { namespace } : {}), ...(metadata as object) }
  return { apiVersion, kind, metadata: meta, ...rest }
}

/** The object as if it stood in a manifest, every field on a line of its own number. */
export function inManifest(object: KubernetesObject, file = 'manifests/web.yaml'): ManifestObject {
  return {
    object,
    source: { file, line: 1 },
    variables: [],
    placeOf: (path) => ({ file, line: 10 + path.length }),
  }
}
