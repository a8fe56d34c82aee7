import type { ManifestObject } from '../object.ts'
import type { Field } from './field.ts'
import { isMap } from './scalar-types.ts'

const reference = /\$(?:\{[A-Za-z_]\w*\}|[A-Za-z_]\w*)/

/**
 * Warns of "$NAME" and "${NAME}" that are still there: in our own files anywhere but in scripts, elsewhere where a
 * variable's value brought them, because a value is not substituted again.
 */
export function checkLeftOvers(object: Field, options: { manifest: ManifestObject; isOwn: boolean }): void {
  const { manifest, isOwn } = options
  const paths = new Set(manifest.variables.map((use) => use.path))
  if (manifest.object.kind === 'Secret' || (!isOwn && paths.size === 0)) return
  visit(object, (field, script) => {
    const [found] = reference.exec(field.text ?? '') ?? []
    if (!found) return
    if (paths.has(field.path)) {
      field.warning(`${found} stays as it is: the value of a variable is not substituted again`, {
        got: true,
      })
    } else if (isOwn && !script) {
      field.warning(`${found} stays as it is`, {
        hint: `declare ${found.replace(/\W/g, '')}, for example in .env`,
      })
    }
  })
}

function visit(field: Field, see: (field: Field, script: boolean) => void, script = false): void {
  if (typeof field.value === 'string') {
    see(field, script)
    return
  }
  for (const item of field.items) visit(item, see, script || isScript(field.key))
  if (!isMap(field.value)) return
  for (const entry of field.fields) visit(entry, see, script || isScript(entry.key))
}

const isScript = (key: string) => key === 'data' || key === 'command' || key === 'args'
