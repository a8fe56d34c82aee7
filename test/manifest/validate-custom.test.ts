import { describe, expect, test } from 'vitest'
import type { KubernetesObject } from '../../tasks/lib/manifest/object.ts'
import { backupDefinition, fixtureText, says } from './support/validated.ts'

/** A definition of kind Thing whose spec has this schema. */
function thing(spec: object, more: object = {}): KubernetesObject {
  const openAPIV3Schema = { type: 'object', properties: { spec } }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'things.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Cluster',
      names: { plural: 'things', kind: 'Thing' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } }],
      ...more,
    },
  }
}

/** What is said of a Thing with this spec, without its place and title. */
function saidOf(spec: string, schema: object): string {
  const text = `apiVersion: example.com/v1\nkind: Thing\nmetadata: { name: a }\nspec: ${spec}\n`
  const said = says(text, { imports: [thing(schema)] })
  return said.replace(/^error: web\.yaml:\d+:\d+: Thing a: /gm, '')
}

describe('a field of a custom resource', () => {
  const string = { type: 'string' }
  test.each([
    [
      'unknown',
      '{ kep: 1 }',
      { type: 'object', properties: { keep: string } },
      'spec.kep: unknown field\nhint: did you mean keep?\n',
    ],
    ['kept', '{ b: 1 }', { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }, ''],
    [
      'missing',
      '{}',
      { type: 'object', required: ['a'], properties: { a: string } },
      'spec.a: is required\n',
    ],
    [
      'missing, but filled in',
      '{}',
      { type: 'object', required: ['a'], properties: { a: { type: 'string', default: 'x' } } },
      '',
    ],
    ['null, which is like missing', '{ a: null }', { type: 'object', properties: { a: string } }, ''],
    [
      'null, but required',
      '{ a: null }',
      { type: 'object', required: ['a'], properties: { a: string } },
      'spec.a: is required\n',
    ],
    [
      'null, as its schema allows',
      '{ a: null }',
      { type: 'object', required: ['a'], properties: { a: { ...string, nullable: true } } },
      '',
    ],
    [
      'text instead of a number',
      '"5"',
      { type: 'integer' },
      'spec: expected an integer, got "5"\nhint: remove the quotes\n',
    ],
    ['a fraction', '1.5', { type: 'integer' }, 'spec: expected an integer, got 1.5\n'],
    ['a large whole number', '9007199254740993', { type: 'integer' }, ''],
    [
      'an integer or a string',
      '[80, http]',
      { type: 'array', items: { 'x-kubernetes-int-or-string': true } },
      '',
    ],
    [
      'neither integer nor string',
      'true',
      { 'x-kubernetes-int-or-string': true },
      'spec: expected an integer or a string, got true\n',
    ],
    [
      'too small',
      '1',
      { type: 'number', minimum: 1, exclusiveMinimum: true },
      'spec: expected more than 1, got 1\n',
    ],
    ['no multiple', '7', { type: 'integer', multipleOf: 5 }, 'spec: expected a multiple of 5, got 7\n'],
    ['too long', 'äöü', { type: 'string', maxLength: 2 }, 'spec: expected at most 2 characters, got "äöü"\n'],
    [
      'too many',
      '[a, b]',
      { type: 'array', maxItems: 1, items: string },
      'spec: expected at most 1 items, got a list\n',
    ],
    ['one of none', 'c', { type: 'string', enum: ['a', 'b'] }, 'spec: expected one of a, b, got "c"\n'],
    [
      'against its pattern',
      'a b',
      { type: 'string', pattern: '^[[:alpha:]]+$' },
      'spec: expected text that matches ^[[:alpha:]]+$, got "a b"\n',
    ],
    [
      'no time',
      'now',
      { type: 'string', format: 'date-time' },
      'spec: expected a time such as 2026-01-31T12:00:00Z, got "now"\n',
    ],
    [
      'no range',
      '10.0.0.0',
      { type: 'string', format: 'cidr' },
      'spec: expected an address range such as 10.0.0.0/8, got "10.0.0.0"\n',
    ],
    [
      'in a map of others',
      '{ a: 1 }',
      { type: 'object', additionalProperties: string },
      'spec.a: expected a string, got 1\nhint: put it in quotes\n',
    ],
    [
      'excluded',
      'a',
      { type: 'string', not: { enum: ['a'] } },
      'spec: is what its schema excludes, got "a"\n',
    ],
    [
      'fitting no alternative',
      'c',
      { type: 'string', anyOf: [{ enum: ['a'] }, { enum: ['b'] }] },
      'spec: expected one of a, got "c"\n',
    ],
    [
      'in a list twice',
      '[a, a]',
      { type: 'array', 'x-kubernetes-list-type': 'set', items: string },
      'spec[1]: "a" is in the list already\n',
    ],
    [
      'checked together',
      '3',
      { type: 'integer', allOf: [{ minimum: 5 }] },
      'spec: expected at least 5, got 3\n',
    ],
    [
      'an object inside',
      '{ data: 1 }',
      {
        type: 'object',
        'x-kubernetes-embedded-resource': true,
        'x-kubernetes-preserve-unknown-fields': true,
      },
      'spec.apiVersion: expected a string, got nothing\nspec.kind: expected a string, got nothing\n',
    ],
  ])('that is %s', (_case, spec, schema, expected) => {
    expect(saidOf(spec, schema)).toBe(expected)
  })
})

test('a definition in the same set is known, before or after its resources', () => {
  const [definition, backup] = fixtureText('valid/manifests/custom.yaml').split('\n---\n')
  const wrong = backup!.replace('mode: delta', 'mode: delta\n  kep: 1')
  expect(says(`${wrong}---\n${definition}\n`)).toContain('spec.kep: unknown field')
  expect(says(`${definition}\n---\n${wrong}`)).toContain('spec.kep: unknown field')
})

test('a kind whose definition is not at hand is a note for all its objects', () => {
  const one = (name: string) =>
    `apiVersion: example.com/v1\nkind: Thing\nmetadata: { name: ${name} }\nspec: 5\n`
  expect(says(`${one('a')}---\n${one('b')}`)).toBe(
    'note: web.yaml:1:1: example.com/v1 Thing is not known here: the API server alone checks 2 objects\n' +
      'hint: add the file that holds its CustomResourceDefinition\n',
  )
  expect(says(one('A'))).toContain('metadata.name: expected')
})

test('a version that is not served is an error', () => {
  const text = 'apiVersion: example.com/v2\nkind: Backup\nmetadata: { name: a, namespace: default }\n'
  expect(says(text, { imports: [backupDefinition()] })).toContain('serves v1')
})

test('metadata of a custom resource is checked like any other', () => {
  const text = 'apiVersion: example.com/v1\nkind: Thing\nmetadata: { name: a, label: { b: c } }\n'
  expect(says(text, { imports: [thing({ type: 'object' })] })).toContain(
    'metadata.label: unknown field\nhint: did you mean labels?',
  )
})

test('a namespaced definition asks for a namespace, one of the cluster refuses it', () => {
  const text = 'apiVersion: example.com/v1\nkind: Thing\nmetadata: { name: a }\n'
  expect(says(text, { imports: [thing({ type: 'object' }, { scope: 'Namespaced' })] })).toContain(
    'names no namespace',
  )
  expect(says(text, { imports: [thing({ type: 'object' })] })).toBe('')
})

test('a broken definition says what is wrong with it and does not stop the check', () => {
  const text = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: things.example.com }
spec: { group: example.com, names: { kind: Thing }, versions: [null, 5] }
`
  expect(says(text)).toContain('spec.scope: is required')
})
