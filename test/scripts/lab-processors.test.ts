import { expect, test } from 'vitest'
import { keptTo, ownProcessors } from '../../scripts/lab/processors.ts'

test.each([
  ['0', [0]],
  ['0-3', [0, 1, 2, 3]],
  ['1,4-5,9', [1, 4, 5, 9]],
])('of processors %s a process may use each', (list, numbers) => {
  expect(ownProcessors(`Name:\tnode\nCpus_allowed:\tff\nCpus_allowed_list:\t${list}\n`)).toEqual(numbers)
})

test('machines of a lab take the processors of this process in turns', () => {
  const kept = [0, 1, 2, 3].map((index) => keptTo(index, [2, 5]).at(-1))
  expect(kept).toEqual(['2', '5', '2', '5'])
  expect(ownProcessors().length).toBeGreaterThan(0)
})
