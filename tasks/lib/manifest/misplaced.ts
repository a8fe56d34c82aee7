import type { Field } from './field.ts'
import type { ModelType, Type } from './schema-types.ts'

/** Where an unknown field would be right further in, as after a wrong indentation: "it belongs in spec.template.spec". */
export function misplacedHint(field: Field, model: ModelType): string | undefined {
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
