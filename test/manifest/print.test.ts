import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { packageRoot } from '../../tasks/lib/cli/root.ts'
import { loadManifests } from '../../tasks/lib/manifest/manifest.ts'
import type { Json, KubernetesObject } from '../../tasks/lib/manifest/object.ts'
import { printJson, printYaml } from '../../tasks/lib/manifest/print.ts'
import fc from '../support/fast-check.ts'
import { kubectl, kubectlReads, sorted, unlessKubectl } from './support/kubectl.ts'
import { load } from './support/load.ts'

function probe(spec: unknown): KubernetesObject {
  return { apiVersion: 'probe.example/v1', kind: 'Probe', metadata: { name: 'a' }, spec }
}

it('prints YAML as kubectl would lay it out', () => {
  const spec = {
    replicas: 2,
    image: 'nginx:1.27',
    quoted: ['yes', '0644', '1e3', '', ' x', 'a: b', '# c', '12:30', '10.0.0.1', '8Gi', '- a', '~', '=', '*'],
    empty: { map: {}, list: [], nothing: null },
    nested: [{ a: 1, b: [{ c: true }] }, [1, [2]]],
    script: '#!/bin/sh\necho "$1"\n\nexit\n',
    unended: 'a\nb',
    spaced: ' a\nb\n',
    'a key: with': 9007199254740993n,
  }
  expect(printYaml([probe(spec)], [['web.yaml:1: Probe a']])).toBe(`---
# web.yaml:1: Probe a
apiVersion: probe.example/v1
kind: Probe
metadata:
  name: a
spec:
  replicas: 2
  image: nginx:1.27
  quoted:
  - "yes"
  - "0644"
  - "1e3"
  - ""
  - " x"
  - "a: b"
  - "# c"
  - "12:30"
  - "10.0.0.1"
  - 8Gi
  - "- a"
  - "~"
  - "="
  - "*"
  empty:
    map: {}
    list: []
    nothing: null
  nested:
  - a: 1
    b:
    - c: true
  - - 1
    - - 2
  script: |
    #!/bin/sh
    echo "$1"

    exit
  unended: |-
    a
    b
  spaced: " a\\nb\\n"
  "a key: with": 9007199254740993
`)
})

it('prints JSON as one List, large whole numbers exact', () => {
  expect(JSON.parse(printJson([probe({ a: 1 })]))).toEqual({
    apiVersion: 'v1',
    kind: 'List',
    items: [probe({ a: 1 })],
  })
  expect(printJson([probe({ a: 9007199254740993n })])).toContain('"a": 9007199254740993\n')
  expect(printJson([])).toBe('{\n  "apiVersion": "v1",\n  "kind": "List",\n  "items": []\n}\n')
})

const parts = [
  'a',
  'yes',
  '0',
  ' ',
  '\n',
  '\t',
  ':',
  '#',
  '-',
  '"',
  "'",
  '\\',
  '|',
  '>',
  '{',
  '[',
  ',',
  '&',
  '*',
  '!',
  '%',
  '@',
  '$',
  '=',
  '<<',
  'é',
  '😀',
  '\u2028',
  '\u0085',
  '\u007f',
  '\ufeff',
  '\u0007',
]
const text = fc.array(fc.constantFrom(...parts), { maxLength: 8 }).map((chosen) => chosen.join(''))
const key = text.filter((word) => word !== '__proto__')
const value = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    text,
    text,
    fc.constantFrom<Json>(null, true, 0, -1, 1.5, 1e21, 1e-7, 9007199254740993n, 9223372036854776000),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4 }),
  ),
})).value

describe('printed YAML reads back as the same object', () => {
  it('by ourselves, whatever its strings are', () => {
    fc.assert(
      fc.property(value, (spec) => {
        expect(load(printYaml([probe(spec)]), {}, { mode: 'none' }).objects[0]!.object).toEqual(probe(spec))
      }),
      { numRuns: 500 },
    )
  })

  it.skipIf(!kubectl)(`by kubectl, whatever its strings are${unlessKubectl}`, () => {
    const specs = fc.sample(value, { numRuns: 600, seed: 7 })
    const objects = specs.map(probe)
    expect(kubectlReads(printYaml(objects)).map(sorted)).toEqual(
      objects.map((object) => sorted(object as unknown as Json)),
    )
  })

  it.skipIf(!kubectl)(`by kubectl, for every manifest of this package${unlessKubectl}`, () => {
    const folder = join(packageRoot(), 'manifests')
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.yaml'),
    )
    for (const file of files) {
      // Every kind becomes one that kubectl has no types for, so that it prints what it decoded.
      const source = readFileSync(join(folder, file), 'utf8').replace(
        /^apiVersion: .*$/gm,
        'apiVersion: probe.example/v1',
      )
      const { objects } = loadManifests([{ path: file, text: source }], {
        variables: new Map(),
        mode: 'none',
      })
      const plain = objects.map(({ object }) => object)
      const expected = kubectlReads(source).map(sorted)
      expect(plain.map((object) => sorted(object as unknown as Json))).toEqual(expected)
      expect(kubectlReads(printYaml(plain)).map(sorted)).toEqual(expected)
    }
  })
})
