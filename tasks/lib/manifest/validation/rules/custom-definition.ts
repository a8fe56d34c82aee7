import type { Field } from '../field.ts'
import { label, letterLabel } from '../names.ts'
import { checkSchema } from './custom-schema.ts'
import { checkChoice, checkFilled, checkName, checkUnique } from './values.ts'

/** A CustomResourceDefinition. */
export function checkCustomResourceDefinition(object: Field): void {
  const spec = object.at('spec')
  if (spec.isMissing) return
  const [group, plural, name] = [spec.at('group'), spec.at('names', 'plural'), object.at('metadata', 'name')]
  const expected = `${plural.text}.${group.text}`
  if (plural.text && group.text && name.text && name.text !== expected) {
    name.error(`expected ${expected}, the plural and the group`, { got: true })
  }
  if (group.text && !group.text.includes('.')) group.error('expected a domain with a dot', { got: true })
  checkChoice(spec.at('scope'), ['Namespaced', 'Cluster'])
  checkNames(spec.at('names'))
  checkVersions(spec.at('versions'))
  if (spec.at('preserveUnknownFields').value === true) {
    spec.at('preserveUnknownFields').error('must be false', {
      hint: 'write x-kubernetes-preserve-unknown-fields: true into the schema',
    })
  }
}

function checkNames(names: Field): void {
  checkName(names.at('plural'), letterLabel)
  checkName(names.at('singular'), letterLabel)
  const list = names.at('listKind')
  if (list.text && !label.accepts(list.text.toLowerCase()))
    list.error(`expected ${label.expected}`, { got: true })
  const kind = names.at('kind')
  if (kind.text && !label.accepts(kind.text.toLowerCase()))
    kind.error(`expected ${label.expected}`, { got: true })
  for (const short of names.at('shortNames').items) checkName(short, letterLabel)
}

function checkVersions(versions: Field): void {
  checkFilled(versions)
  checkUnique(
    versions.items.map((version) => version.at('name')),
    'the version',
  )
  const stored = versions.items.filter((version) => version.at('storage').value === true)
  if (versions.items.length > 0 && stored.length !== 1) {
    versions.error(`expected one version with storage: true, found ${stored.length}`)
  }
  for (const version of versions.items) {
    checkName(version.at('name'), letterLabel)
    for (const column of version.at('additionalPrinterColumns').items) {
      checkChoice(column.at('type'), ['boolean', 'date', 'integer', 'number', 'string'])
      const path = column.at('jsonPath')
      if (path.text && !path.text.startsWith('.'))
        path.error('expected a path that begins with "."', { got: true })
    }
    const schema = version.at('schema', 'openAPIV3Schema')
    if (schema.isMissing) schema.error('is required')
    else if (schema.at('type').text !== 'object') schema.at('type').error('expected object', { got: true })
    else checkSchema(schema)
  }
}
