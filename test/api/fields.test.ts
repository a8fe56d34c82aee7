import { expect, test } from 'vitest'
import { findField } from '../../tasks/lib/api/compare/field-path.ts'
import { withoutFields } from '../../tasks/lib/api/compare/field-removal.ts'
import { differenceOf, unionOf } from '../../tasks/lib/api/compare/managed-fields.ts'

const pod = {
  metadata: { labels: { 'app.kubernetes.io/name': 'web', app: 'x' }, finalizers: ['a', 'b'] },
  spec: {
    containers: [
      { name: 'web', image: 'a', ports: [{ containerPort: 80, protocol: 'TCP' }] },
      { name: 'side,1', image: 'b' },
    ],
  },
}

const found: [field: string, path: string, value: unknown][] = [
  ['.spec.containers[name="web"].image', 'spec.containers[0].image', 'a'],
  ['.spec.containers[name="side,1"].image', 'spec.containers[1].image', 'b'],
  [
    '.spec.containers[name="web"].ports[containerPort=80,protocol="TCP"].protocol',
    'spec.containers[0].ports[0].protocol',
    'TCP',
  ],
  ['spec.containers[1].image', 'spec.containers[1].image', 'b'],
  ['.metadata.labels.app.kubernetes.io/name', 'metadata.labels[app.kubernetes.io/name]', 'web'],
  ['metadata.labels[app.kubernetes.io/name]', 'metadata.labels[app.kubernetes.io/name]', 'web'],
  ['.metadata.labels.app', 'metadata.labels.app', 'x'],
  ['.metadata.finalizers["b"]', 'metadata.finalizers', undefined],
  ['.metadata.finalizers[="b"]', 'metadata.finalizers[1]', 'b'],
  ['spec.replicas', 'spec', undefined],
  ['spec.containers[7].image', 'spec.containers', undefined],
]
for (const [field, path, value] of found) {
  test(`${field} is found as ${path}`, () => {
    expect(findField(pod, field)).toMatchObject({ path, value })
  })
}

test('fields that only one of two managers owns are told apart', () => {
  const kubectl = { 'f:data': { '.': {}, 'f:a': {}, 'f:b': {} }, 'f:meta': { 'f:x': {} } }
  const ours = { 'f:data': { 'f:a': {} }, 'f:meta': { 'f:x': {} } }
  expect(differenceOf(kubectl, ours)).toEqual({ 'f:data': { '.': {}, 'f:b': {} } })
  expect(differenceOf(ours, kubectl)).toBeUndefined()
  expect(unionOf(ours, { 'f:data': { 'f:c': {} } })).toEqual({
    'f:data': { 'f:a': {}, 'f:c': {} },
    'f:meta': { 'f:x': {} },
  })
})

test('fields are taken away, with what becomes empty where that was owned too', () => {
  const value = { data: { a: '1', b: '2' }, extra: { only: 1 }, kept: { only: 1 } }
  const fields = { 'f:data': { 'f:b': {} }, 'f:extra': { '.': {}, 'f:only': {} }, 'f:kept': { 'f:only': {} } }
  expect(withoutFields(value, fields)).toEqual({ data: { a: '1' }, kept: {} })
})

test('items of lists are taken away by their keys and values', () => {
  const fields = {
    'f:spec': {
      'f:containers': {
        'k:{"name":"web"}': { 'f:image': {} },
        'k:{"name":"side,1"}': { '.': {}, 'f:name': {} },
      },
    },
    'f:metadata': { 'f:finalizers': { 'v:"a"': {} } },
  }
  const { spec, metadata } = withoutFields(pod, fields)
  expect(spec.containers).toEqual([{ name: 'web', ports: [{ containerPort: 80, protocol: 'TCP' }] }])
  expect(metadata.finalizers).toEqual(['b'])
})

test('taking fields away leaves the original as it is', () => {
  const before = JSON.stringify(pod)
  withoutFields(pod, { 'f:metadata': { 'f:labels': { 'f:app': {} } } })
  expect(JSON.stringify(pod)).toBe(before)
})
