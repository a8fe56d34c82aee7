import { expect, it } from 'vitest'
import { lexReferences } from '../../tasks/lib/manifest/substitute/lex.ts'

it.each([
  ['$NAME', ['$NAME']],
  ['${NAME}', ['${NAME}']],
  ['$_a9-x', ['$_a9']],
  ['$A$B${C}', ['$A', '$B', '${C}']],
  ['x$A.$B/c', ['$A', '$B']],
  ['$NAMES is not $NAME', ['$NAMES', '$NAME']],
  ['${N:-d} ${N-d} ${N:?m} ${N:+a} ${N+a}', ['${N:-d}', '${N-d}', '${N:?m}', '${N:+a}', '${N+a}']],
  ['${N:-}', ['${N:-}']],
  ['${A:-${B:-c}d}e', ['${A:-${B:-c}d}']],
  ['$$NAME $${NAME}', ['$$NAME', '$${NAME}']],
  ['$$$NAME', ['$$NAME']],
  ['é$NAMEé', ['$NAME']],
])('finds the references of %s', (text, raw) => {
  expect(lexReferences(text).map((reference) => reference.raw)).toEqual(raw)
})

it.each([
  '$1',
  '$@',
  '$(NAME)',
  '$$(NAME)',
  '$[',
  '$$',
  '$',
  '$ NAME',
  '${',
  '${}',
  '${1}',
  '${NAME',
  '${NAME:-d',
  '${NAME:-d\n}',
  '${NAME:=d}',
  '${NAME?m}',
  '${#NAME}',
  '${NAME%x}',
  '${NAME//a/b}',
  '${!NAME}',
  '$é',
  '{{ x }}',
])('leaves %j alone', (text) => {
  expect(lexReferences(text)).toEqual([])
})

it('keeps what stands behind an operator, with the references in it', () => {
  const [reference] = lexReferences('a ${A:-b $C {d}')
  expect(reference).toMatchObject({ start: 2, end: 15, name: 'A', operator: ':-' })
  expect(reference!.word).toMatchObject(['b ', { name: 'C', start: 9 }, ' {d'])
})

it('reads a text of nothing but openings in moderate time', () => {
  expect(lexReferences('${A:-'.repeat(20_000))).toEqual([])
})
