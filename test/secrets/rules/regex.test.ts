import { describe, expect, test } from 'vitest'
import { compileRegex } from '../../../tasks/lib/secrets/rules/regex.ts'

describe('a regular expression is read as Go reads it', () => {
  test.each([
    ['^(data|stringData)$', ['data', 'stringData'], ['metadata', 'data\n', 'stringDatas']],
    ['^secrets/.*\\.yaml$', ['secrets/a.yaml', 'secrets/a/b.yaml'], ['secrets/a.yml', 'secrets/a\nb.yaml']],
    ['secrets/.+', ['secrets/\r', 'secrets/\u2028'], ['secrets/', 'secrets/\n']],
    ['a.c', ['abc', 'a\u{1F600}c', 'a\rc'], ['a\nc', 'ac']],
    ['', ['', 'anything'], []],
    ['(?i)pass|token', ['PASSWORD', 'Token'], ['word']],
    ['(?P<kind>db)_\\d{2}\\z', ['my_db_12'], ['db_1', 'db_12\n']],
    ['\\A[[:alpha:]]+\\pN$', ['abc\u0663', 'x1'], ['1x', 'äx1']],
    ['\\Qa.b\\E', ['xa.by'], ['aXb']],
    ['\\bkey\\b', ['a key', 'äkeyä1'], ['keys']],
    ['[^a]', ['b', '\n'], ['a']],
    ['(?U)^a+$', ['aaa'], ['b']],
  ])('%j', (pattern, hits, misses) => {
    const matches = compileRegex(pattern)
    expect(hits.filter((text) => !matches(text))).toEqual([])
    expect(misses.filter(matches)).toEqual([])
  })

  test.each([
    '(?=a)',
    '(?!a)',
    '(?<=a)b',
    '(a)\\1',
    '(?#note)',
    'a{1001}',
    'a**',
    'x*+',
    '\\Z',
    '\\C',
    '(',
    '(a',
    'a)',
    '[a',
    '*',
    '\\',
  ])('%j is refused, as Go refuses it', (pattern) => {
    expect(() => compileRegex(pattern)).toThrow()
  })
})

test('an expression that never ends in other engines ends', () => {
  expect(compileRegex('^(a+)+$')(`${'a'.repeat(50_000)}b`)).toBe(false)
  expect(compileRegex('^(a|a)*$')(`${'a'.repeat(50_000)}b`)).toBe(false)
})
