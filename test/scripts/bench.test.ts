import { expect, test } from 'vitest'
import { below, median, rowOf, secondsText, timesFaster } from '../../scripts/bench/bar.ts'
import { barsText, page } from '../../scripts/bench/table.ts'
import { volumesFile } from '../../scripts/bench/volumes.ts'

test.each([
  [[3, 1, 2], 2],
  [[4, 1, 3, 2], 2.5],
  [[10, 9], 9.5],
])('the median of %j is %d', (values, middle) => {
  expect(median(values)).toBe(middle)
})

test.each([
  [36.12, '36.1 s'],
  [1.417, '1.42 s'],
  [0.4123, '412 ms'],
  [0.0412, '41.2 ms'],
  [0.0000081, '8.1 µs'],
])('%d seconds are printed as %s', (seconds, text) => {
  expect(secondsText(seconds)).toBe(text)
})

test('a ratio is that of the medians, and is met from its number on', () => {
  const bar = (theirs: number[]) => timesFaster('create', { ours: [1, 9, 2], theirs, least: 3 })
  expect(bar([6, 6, 100])).toEqual({ name: 'create', wanted: 'at least 3×', reached: '3.00×', met: true })
  expect(bar([5.9])).toMatchObject({ reached: '2.95×', met: false })
})

test('a limit is missed by the very figure', () => {
  const bar = (value: number) => below('no change', { value, limit: 30, text: secondsText })
  expect(bar(29.9)).toMatchObject({ wanted: 'below 30.0 s', reached: '29.9 s', met: true })
  expect(bar(30).met).toBe(false)
})

test('a missed bar is said in the table and on the page', () => {
  const bars = [timesFaster('create', { ours: [1], theirs: [2], least: 3 })]
  expect(barsText(bars)).toBe(
    ['bar     wanted       reached', 'create  at least 3×  2.00×    MISSED'].join('\n'),
  )
  const result = { title: 'Create', method: 'One file.', rows: [rowOf('tasks', [2, 1, 3])], bars }
  const text = page([result], [['node', '20']])
  expect(text).toContain('| create | at least 3× | 2.00× | **missed** |')
  expect(text).toContain('## Create\n\nOne file.\n\n')
  expect(text).toContain('| tasks | 2.00 s | 3 | 1.00 s – 3.00 s |  |')
})

test('the file for kubectl has nothing left to substitute', () => {
  const text = volumesFile('web', 2)
  expect(text.match(/^---$/gm)).toHaveLength(2)
  expect(text).not.toContain('$')
  expect(text).toContain('name: web-00001')
})
