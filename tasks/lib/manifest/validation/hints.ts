import { didYouMean } from '../../cli/suggest.ts'
import type { Field } from './field.ts'
import type { ModelType, Type } from './schema-types.ts'

/** What to write for a required field that is not there. */
export function missingHint(name: string): string {
  return examples[name] ?? `add ${name}`
}

const examples: Record<string, string> = {
  accessModes: 'add accessModes: [ReadWriteOnce]',
  pathType: 'add pathType: Prefix',
  provisioner: 'add provisioner, for example kubernetes.io/no-provisioner',
  roleRef: 'add roleRef with apiGroup, kind and name',
  selector:
    'add matchLabels that the template carries; in a base for kustomize its kustomization.yaml adds them',
  sideEffects: 'add sideEffects: None',
  topologyKey: 'add topologyKey: kubernetes.io/hostname',
  verbs: 'add verbs, for example [get, list, watch]',
}

/** What an unknown field was meant to be: a near name, what came after it, another level, or all there are. */
export function unknownHint(field: Field, model: ModelType): string | undefined {
  const names = [...model.fields.keys()]
  return (
    successors[`${model.name}.${field.key}`] ??
    didYouMean(field.key, names) ??
    misplacedHint(field, model) ??
    (names.length <= 6 && names.length > 0 ? `known here: ${names.join(', ')}` : undefined)
  )
}

const successors: Record<string, string> = {
  'core.v1.SecretVolumeSource.name': 'write secretName',
  'networking.v1.IngressBackend.serviceName': 'write service: { name: NAME, port: { number: PORT } }',
  'networking.v1.IngressBackend.servicePort': 'write service: { name: NAME, port: { number: PORT } }',
  'networking.v1.IngressSpec.backend': 'write defaultBackend',
}

/** Where an unknown field would be right further in, as after a wrong indentation: "it belongs in spec.template.spec". */
function misplacedHint(field: Field, model: ModelType): string | undefined {
  const inside = pathTo(field.key, { model, depth: 3 })
  if (inside === undefined) return undefined
  const parent = field.path.slice(0, Math.max(0, field.path.length - field.key.length - 1))
  return `it belongs in ${[parent, ...inside].filter(Boolean).join('.')}: check the indentation`
}

/** The names of the nearest maps that lead to a field, breadth first. */
function pathTo(name: string, from: { model: ModelType; depth: number }): string[] | undefined {
  let level: { model: ModelType; path: string[] }[] = [{ model: from.model, path: [] }]
  for (let depth = 0; depth < from.depth; depth++) {
    level = level.flatMap(({ model, path }) =>
      [...model.fields].flatMap(([key, type]) =>
        isOrdinary(key, type) ? [{ model: type as ModelType, path: [...path, key] }] : [],
      ),
    )
    const found = level.find(({ model }) => model.fields.has(name))
    if (found) return found.path
  }
  return undefined
}

const isOrdinary = (key: string, type: Type) => type.is === 'model' && key !== 'status'
