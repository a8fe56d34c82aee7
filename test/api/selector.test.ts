import { expect, test } from 'vitest'
import { matchesSelector } from '../../tasks/lib/api/wait/selector.ts'

const labels = { app: 'web', tier: 'front' }
const expression = (key: string, operator: string, values?: string[]) => ({
  matchExpressions: [{ key, operator, values }],
})
const cases: [selector: unknown, fits: boolean][] = [
  [{ matchLabels: { app: 'web' } }, true],
  [{ matchLabels: { app: 'db' } }, false],
  [{ app: 'web', tier: 'front' }, true],
  [{ app: 'web', tier: 'back' }, false],
  [expression('tier', 'In', ['front', 'back']), true],
  [expression('tier', 'NotIn', ['front']), false],
  [expression('zone', 'NotIn', ['a']), true],
  [expression('tier', 'Exists'), true],
  [expression('zone', 'Exists'), false],
  [expression('zone', 'DoesNotExist'), true],
  [{ matchLabels: { app: 'web' }, ...expression('tier', 'In', ['back']) }, false],
  [undefined, false],
]
for (const [selector, fits] of cases) {
  test(`${JSON.stringify(selector)} ${fits ? 'selects' : 'does not select'} app=web,tier=front`, () => {
    expect(matchesSelector(labels, selector)).toBe(fits)
  })
}
