import { describe, expect, it } from 'vitest'
import { explain } from '../../tasks/lib/manifest/explain.ts'
import { load } from './support/load.ts'

describe('Lists are flattened', () => {
  const item = (name: string) => `{ apiVersion: v1, kind: Pod, metadata: { name: ${name} } }`
  const names = (text: string, values = {}) =>
    load(text, values).objects.map(
      ({ object }) => `${object.apiVersion} ${object.kind} ${object.metadata.name}`,
    )

  it('at any depth', () => {
    const inner = `{ apiVersion: v1, kind: PodList, items: [${item('b')}] }`
    expect(names(`apiVersion: v1\nkind: List\nmetadata: {}\nitems: [${item('a')}, ${inner}]\n`)).toEqual([
      'v1 Pod a',
      'v1 Pod b',
    ])
  })

  it('and items of a typed list have its kind', () => {
    const list = 'apiVersion: apps/v1\nkind: DeploymentList\nitems: [{ metadata: { name: a } }]\n'
    expect(names(list)).toEqual(['apps/v1 Deployment a'])
    expect(names('apiVersion: v1\nkind: List\nitems: []\n')).toEqual([])
  })

  it('with anchors of the list and variables in the items', () => {
    const list = `apiVersion: v1\nkind: List\nx-pod: &p { apiVersion: v1, kind: Pod }\nitems: [{ <<: *p, metadata: { name: $N } }]\n`
    expect(names(list, { N: 'web' })).toEqual(['v1 Pod web'])
  })

  it('but a kind that only ends so is an object', () => {
    expect(names('apiVersion: x/v1\nkind: AllowList\nmetadata: { name: a }\nspec: { items: [1] }\n')).toEqual(
      ['x/v1 AllowList a'],
    )
  })
})

describe('what is no Kubernetes object is an error at its line', () => {
  it.each([
    [
      'just text',
      'error: web.yaml:1:1: not a Kubernetes object: a map with apiVersion, kind and metadata is expected',
    ],
    [
      '- a\n- b',
      'error: web.yaml:1:1: not a Kubernetes object: a map with apiVersion, kind and metadata is expected',
    ],
    ['---\n# c\nreplicas: 1\n', 'error: web.yaml:3:1: not a Kubernetes object: apiVersion is missing'],
    [
      'apiVersion: v1\nmetadata: { name: a }',
      'error: web.yaml:1:1: not a Kubernetes object: kind is missing',
    ],
    ['apiVersion: 1\nkind: Pod\nmetadata: { name: a }', 'error: web.yaml:1:1: apiVersion must be a string'],
    ['apiVersion: v1\nkind: Pod', 'error: web.yaml:1:1: not a Kubernetes object: metadata is missing'],
    [
      'apiVersion: v1\nkind: Pod\nmetadata: {}',
      'error: web.yaml:3:1: not a Kubernetes object: metadata.name is missing',
    ],
    [
      'apiVersion: v1\nkind: Pod\nmetadata:\n  name: $N',
      'error: web.yaml:4:3: metadata.name must be a string, but it reads as the number 80',
    ],
    [
      'apiVersion: v1\nkind: List\nitems: [{ a: 1 }, 5]',
      'error: web.yaml:3:9: not a Kubernetes object: apiVersion is missing',
    ],
  ])('%j', (text, expected) => {
    expect(load(text, { N: '80' }).lines).toContain(expected)
  })
})

describe('a task that only prints takes an object without a name', () => {
  const pod = 'apiVersion: v1\nkind: Pod\n'

  it.each([`${pod}metadata: { generateName: web- }\n`, `${pod}metadata: { labels: {} }\n`, pod])(
    '%j',
    (text) => {
      expect(load(text, {}, { mayLackName: true }).lines).toEqual([])
      expect(load(text, {}, { mayLackName: true }).objects).toHaveLength(1)
      expect(load(text).objects).toEqual([])
    },
  )

  it('as it is, and says so where it explains', () => {
    const { objects } = load(pod, {}, { mayLackName: true })
    expect(objects[0]!.object).toEqual({ apiVersion: 'v1', kind: 'Pod' })
    expect(explain(objects[0]!, new Map())).toEqual(['web.yaml:1: Pod (no name)'])
  })

  it('but not one whose name is no text', () => {
    expect(load(`${pod}metadata: { name: 5 }\n`, {}, { mayLackName: true }).lines).toEqual([
      'error: web.yaml:3:13: metadata.name must be a string, but it reads as the number 5',
    ])
  })
})
