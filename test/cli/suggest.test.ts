import { describe, expect, test } from 'vitest'
import { didYouMean, editDistance, suggest } from '../../tasks/lib/cli/suggest.ts'

const tasks = [
  'apply',
  'install',
  'persistent-dirs',
  'plan',
  'render',
  'sandbox:down',
  'sandbox:up',
  'untaint',
]

describe('did you mean', () => {
  test.each([
    ['isntall', 'install'],
    ['instal', 'install'],
    ['INSTALL', 'install'],
    ['persistent_dirs', 'persistent-dirs'],
    ['persistant-dir', 'persistent-dirs'],
    ['aply', 'apply'],
    ['unt', 'untaint'],
    ['sandbox:pu', 'sandbox:up'],
  ])('%s means %s', (word, meant) => {
    expect(suggest(word, tasks)).toBe(meant)
  })

  test.each(['', 'x', 'frobnicate', 'sandbox', 'p', 'lint'])('"%s" means none of the tasks', (word) => {
    expect(suggest(word, tasks)).toBeUndefined()
  })

  test('a short word is not matched to any other short word', () => {
    expect(suggest('wb', ['db'])).toBe('db')
    expect(suggest('b', ['d'])).toBeUndefined()
  })

  test('the question names the candidate', () => {
    expect(didYouMean('aply', tasks)).toBe('did you mean apply?')
    expect(didYouMean('frobnicate', tasks)).toBeUndefined()
  })
})

describe('typing errors', () => {
  test.each([
    ['', '', 0],
    ['abc', 'abc', 0],
    ['abc', 'abd', 1],
    ['abc', 'ab', 1],
    ['abc', 'abcd', 1],
    ['abcd', 'abdc', 1],
    ['kitten', 'sitting', 3],
    ['', 'abc', 3],
  ])('from "%s" to "%s" are %i', (from, to, errors) => {
    expect(editDistance(from, to)).toBe(errors)
    expect(editDistance(to, from)).toBe(errors)
  })

  test('counting stops at the limit', () => {
    expect(editDistance('kitten', 'sitting', 2)).toBe(2)
    expect(editDistance('kitten', 'sitting', 4)).toBe(3)
  })
})
