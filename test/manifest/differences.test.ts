import { expect, it } from 'vitest'
import { envsubstDifferences } from '../../tasks/lib/manifest/substitute/differences.ts'
import { line, variables } from './support/load.ts'

const head = 'apiVersion: v1\nkind: Pod\nmetadata: { name: a }\n'
const values = { NAME: 'web', LIST: '[a, b]', HASH: 'a #b', BREAK: 'a: b' }

it.each([
  ['a: $$NAME', ['warning: web.yaml:4:1: envsubst would give Pod a another a']],
  ['a: ${NAME:-x}', ['warning: web.yaml:4:1: envsubst would give Pod a another a']],
  ['a: { b: [1, $LIST] }', ['warning: web.yaml:4:13: envsubst would give Pod a another a.b[1]']],
  ['a: $HASH\nb: 1', ['warning: web.yaml:4:1: envsubst would give Pod a another a']],
  [
    'a: $BREAK',
    [
      expect.stringMatching(
        /^warning: web\.yaml: envsubst would make other YAML of this file: nested mappings/,
      ),
    ],
  ],
  ['a: $NAME-${NAME} "$NAME"\nb: |\n  $NAME $1 $(NAME)\n# $$NAME\n', []],
  ['a: 1', []],
])('%j', (text, expected) => {
  const found = envsubstDifferences({ path: 'web.yaml', text: head + text }, { variables: variables(values) })
  expect(found.map(line)).toEqual(expected)
})

it('the data of a Secret differs, because it is never substituted', () => {
  const text = 'apiVersion: v1\nkind: Secret\nmetadata: { name: a }\nstringData: { a: $NAME }\n'
  const found = envsubstDifferences({ path: 'web.yaml', text }, { variables: variables(values) })
  expect(found.map(line)).toEqual([
    'warning: web.yaml:4:15: envsubst would give Secret a another stringData.a',
  ])
})

it('a file that is not substituted has none', () => {
  const file = { path: 'up.yaml', text: `${head}a: $$NAME\n`, thirdParty: true }
  expect(envsubstDifferences(file, { variables: variables(values) })).toEqual([])
})
