import { expect, it } from 'vitest'
import { expand, parseTemplate } from '../../tasks/lib/manifest/manifest.ts'
import { line, variables } from './support/load.ts'

const text =
  'apiVersion: v1\nkind: PersistentVolume\nmetadata: { name: $VOLUME, labels: { zone: $ZONE } }\nspec:\n  size: $SIZE\n'
const options = { variables: variables({ ZONE: 'home', SIZE: '1' }) }

it('a template is parsed once and expanded for each row, whose values win', () => {
  const template = parseTemplate({ path: 'pv.yaml', text }, options)
  const { objects, findings } = expand(template, [{ VOLUME: 'a' }, { VOLUME: 'b', SIZE: '500Mi' }], options)
  expect(findings).toEqual([])
  expect(objects.map(({ object }) => object)).toEqual([
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'a', labels: { zone: 'home' } },
      spec: { size: 1 },
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'b', labels: { zone: 'home' } },
      spec: { size: '500Mi' },
    },
  ])
})

it('expanded objects share nothing that somebody may change', () => {
  const [one, other] = expand(
    parseTemplate({ path: 'pv.yaml', text }, options),
    [{ VOLUME: 'a' }, { VOLUME: 'b' }],
    options,
  ).objects
  one!.object.metadata.labels!.zone = 'changed'
  expect(other!.object.metadata.labels!.zone).toBe('home')
  expect(other!.variables.map(({ name }) => name)).toEqual(['VOLUME', 'ZONE', 'SIZE'])
  expect(other!.placeOf('spec.size')).toEqual({ file: 'pv.yaml', line: 5, column: 3 })
})

it('a mistake in the template is reported once, however many rows there are', () => {
  const broken = parseTemplate({ path: 'pv.yaml', text: text.replace('$SIZE', '$SIEZ') }, options)
  const { findings } = expand(broken, [{ VOLUME: 'a' }, { VOLUME: 'b' }, { VOLUME: 'c' }], options)
  expect(findings.map(line)).toEqual(['error: pv.yaml:5:9: $SIEZ is not set: declared nowhere'])
})
