import { expect, test } from 'vitest'
import type { FieldSet } from '../../tasks/lib/api/compare/managed-fields.ts'
import { isAsApplied } from '../../tasks/lib/api/compare/ownership.ts'
import { object } from '../support/objects.ts'

const D = 'Deployment apps/v1'

/** The object as the server gives it back: with our entry of managedFields. */
function applied(
  type: string,
  { fields, owned, ...entry }: { fields: object; owned: FieldSet; [key: string]: unknown },
) {
  const [, apiVersion = 'v1'] = type.split(' ')
  const managedFields = [{ manager: 'metaltasks', operation: 'Apply', apiVersion, fieldsV1: owned, ...entry }]
  return object(type, 'web/app', { ...fields, metadata: { uid: '1', managedFields } })
}

const data = { 'f:data': { 'f:a': {}, 'f:b': {} } }
const conf = (values: object) => object('ConfigMap', 'web/app', { data: values })

test('an object that holds what was applied, and is all ours, is as applied', () => {
  const live = applied('ConfigMap', { fields: { data: { a: '1', b: '2' } }, owned: data })
  expect(isAsApplied(conf({ a: '1', b: '2' }), live)).toBe(true)
})

test('what others added does not matter', () => {
  const live = applied('ConfigMap', { fields: { data: { a: '1', b: '2', c: '3' } }, owned: data })
  expect(isAsApplied(conf({ a: '1', b: '2' }), live)).toBe(true)
})

const changes: [says: string, desired: object, live: object, owned: FieldSet][] = [
  ['a value that differs', { a: '1', b: '3' }, { a: '1', b: '2' }, data],
  ['a field that is missing on the server', { a: '1', b: '2' }, { a: '1' }, data],
  ['a field that is there but not ours', { a: '1', b: '2', c: '3' }, { a: '1', b: '2', c: '3' }, data],
  ['a field of ours that has left the manifest', { a: '1' }, { a: '1', b: '2' }, data],
  ['another type of the same text', { a: 1, b: '2' }, { a: '1', b: '2' }, data],
  ['a null', { a: null, b: '2' }, { b: '2' }, data],
]
for (const [says, desired, fields, owned] of changes) {
  test(`${says} is not as applied`, () => {
    expect(isAsApplied(conf({ ...desired }), applied('ConfigMap', { fields: { data: fields }, owned }))).toBe(
      false,
    )
  })
}

const foreign: [says: string, entry: object][] = [
  ['another manager', { manager: 'kubectl' }],
  ['an update instead of an apply', { operation: 'Update' }],
  ['a subresource', { subresource: 'status' }],
  ['another version of the kind', { apiVersion: 'v2' }],
]
for (const [says, entry] of foreign) {
  test(`what ${says} owns is not as applied`, () => {
    const live = applied('ConfigMap', { fields: { data: { a: '1', b: '2' } }, owned: data, ...entry })
    expect(isAsApplied(conf({ a: '1', b: '2' }), live)).toBe(false)
  })
}

const containers = (...items: object[]) => ({ spec: { containers: items } })
const named = (name: string, ...fields: string[]) => ({
  [`k:{"name":"${name}"}`]: {
    '.': {},
    'f:name': {},
    ...Object.fromEntries(fields.map((field) => [`f:${field}`, {}])),
  },
})
const ownedList = (...items: object[]) => ({ 'f:spec': { 'f:containers': Object.assign({}, ...items) } })

test('items of a list are compared by their keys, with defaults of the server in them', () => {
  const desired = object(D, 'web/app', containers({ name: 'a', image: 'x' }, { name: 'b', image: 'y' }))
  const fields = containers(
    { name: 'a', image: 'x', pull: 'Always' },
    { name: 'side' },
    { name: 'b', image: 'y' },
  )
  const live = applied(D, { fields, owned: ownedList(named('a', 'image'), named('b', 'image')) })
  expect(isAsApplied(desired, live)).toBe(true)
})

test('another order of items is not as applied', () => {
  const desired = object(D, 'web/app', containers({ name: 'b', image: 'y' }, { name: 'a', image: 'x' }))
  const fields = containers({ name: 'a', image: 'x' }, { name: 'b', image: 'y' })
  const live = applied(D, { fields, owned: ownedList(named('a', 'image'), named('b', 'image')) })
  expect(isAsApplied(desired, live)).toBe(false)
})

test('an item of ours that has left the manifest is not as applied', () => {
  const desired = object(D, 'web/app', containers({ name: 'a', image: 'x' }))
  const fields = containers({ name: 'a', image: 'x' }, { name: 'b', image: 'y' })
  const live = applied(D, { fields, owned: ownedList(named('a', 'image'), named('b', 'image')) })
  expect(isAsApplied(desired, live)).toBe(false)
})

test('a key that the manifest leaves to its default is found', () => {
  const desired = object('Service', 'web/app', { spec: { ports: [{ port: 80 }] } })
  const owned = { 'f:spec': { 'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} } } } }
  const live = applied('Service', { fields: { spec: { ports: [{ port: 80, protocol: 'TCP' }] } }, owned })
  expect(isAsApplied(desired, live)).toBe(true)
})

test('a key that the manifest leaves out is not guessed where two items fit', () => {
  const desired = object('Service', 'web/app', {
    spec: { ports: [{ port: 80 }, { port: 80, protocol: 'UDP' }] },
  })
  const ports = ['TCP', 'UDP'].map((protocol) => [
    `k:{"port":80,"protocol":"${protocol}"}`,
    { '.': {}, 'f:port': {} },
  ])
  const owned = { 'f:spec': { 'f:ports': Object.fromEntries(ports) } }
  const fields = {
    spec: {
      ports: [
        { port: 80, protocol: 'TCP' },
        { port: 80, protocol: 'UDP' },
      ],
    },
  }
  expect(isAsApplied(desired, applied('Service', { fields, owned }))).toBe(false)
})

test('lists that are sets, and values that are owned as a whole, are compared', () => {
  const spec = { accessModes: ['ReadWriteOnce'], selector: { app: 'web', tier: 'front' } }
  const owned = { 'f:spec': { 'f:accessModes': { 'v:"ReadWriteOnce"': {} }, 'f:selector': {} } }
  const desired = object('Thing', 'web/app', { spec })
  expect(isAsApplied(desired, applied('Thing', { fields: { spec }, owned }))).toBe(true)
  const wider = { ...spec, selector: { ...spec.selector, more: '1' } }
  expect(isAsApplied(desired, applied('Thing', { fields: { spec: wider }, owned }))).toBe(false)
  const other = object('Thing', 'web/app', { spec: { ...spec, accessModes: ['ReadOnlyMany'] } })
  expect(isAsApplied(other, applied('Thing', { fields: { spec }, owned }))).toBe(false)
})
