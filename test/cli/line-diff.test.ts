import { describe, expect, it } from 'vitest'
import { diffLines, withContext } from '../../tasks/lib/cli/plan/line-diff.ts'
import fc from '../support/fast-check.ts'

function shown(before: string, after: string): string {
  const lines = diffLines([...before], [...after])
  return lines.map(({ mark, text }) => (mark === ' ' ? text : mark + text)).join(' ')
}

describe('a difference', () => {
  it.each([
    ['', '', ''],
    ['', 'ab', '+a +b'],
    ['ab', '', '-a -b'],
    ['abc', 'abc', 'a b c'],
    ['abc', 'axc', 'a -b +x c'],
    ['abcabba', 'cbabac', '-a -b c +b a b -b a +c'],
    ['abcd', 'acbd', 'a -b c +b d'],
  ])('from %j to %j is %j', (before, after, expected) => expect(shown(before, after)).toBe(expected))

  it('gives back both texts, and is the shortest', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 })
    fc.assert(
      fc.property(text, text, (before, after) => {
        const lines = diffLines(before, after)
        expect(lines.filter(({ mark }) => mark !== '+').map((line) => line.text)).toEqual(before)
        expect(lines.filter(({ mark }) => mark !== '-').map((line) => line.text)).toEqual(after)
        const same = lines.filter(({ mark }) => mark === ' ').length
        expect(same).toBe(longestCommon(before, after))
      }),
    )
  })

  it('between two long texts that have nothing in common is all of both', () => {
    const before = Array.from({ length: 5000 }, (_, n) => `a${n}`)
    const after = Array.from({ length: 5000 }, (_, n) => `b${n}`)
    expect(diffLines(before, after)).toHaveLength(10_000)
  })

  it('is shown with three lines around each change', () => {
    const before = [...'abcdefghijklmnopqrstuvwxyz']
    const after = before.map((letter) => (letter === 'm' ? 'M' : letter))
    const lines = withContext(diffLines(before, after))
    expect(lines.map((line) => (typeof line === 'string' ? line : line.text)).join('')).toBe('…jklmMnop…')
  })
})

function longestCommon(before: string[], after: string[]): number {
  if (before.length === 0 || after.length === 0) return 0
  const table = before.map(() => after.map(() => 0))
  const at = (row: number, column: number) => table[row]?.[column] ?? 0
  for (const [row, left] of before.entries()) {
    for (const [column, right] of after.entries()) {
      const best = Math.max(at(row - 1, column), at(row, column - 1))
      table[row]![column] = left === right ? at(row - 1, column - 1) + 1 : best
    }
  }
  return at(before.length - 1, after.length - 1)
}
