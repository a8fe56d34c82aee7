import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Change, Plan } from '../../tasks/lib/cli/change.ts'
import { readSavedPlan, refuseStale, savedPlan } from '../../tasks/lib/cli/plan/saved-plan.ts'
import { temporaryFolder } from '../support/cli.ts'

const change: Change = {
  action: 'update',
  target: 'Deployment default/web',
  title: 'update Deployment default/web',
  before: ['replicas: 1'],
  after: ['replicas: 2'],
  basis: 'u1/10',
  run: async () => {},
  verify: async () => {},
}

function planOf(changes: Change[], given: Partial<Plan> = {}): Plan {
  const steps = [{ name: 'web', title: 'web', waves: [{ changes, parallel: 1 }], unchanged: [] }]
  return { target: 'cluster home', fingerprint: 'f1', steps, findings: [], ...given }
}

const saved = JSON.parse(JSON.stringify(savedPlan(planOf([change]))))
const check = (plan: Plan) => () => refuseStale(saved, { plan, file: 'next.plan' })

test('the same plan may be applied', () => {
  expect(check(planOf([{ ...change }]))).not.toThrow()
})

test.each<[string, Plan, string]>([
  [
    'another value',
    planOf([{ ...change, after: ['replicas: 3'] }]),
    'the plan is stale: Deployment default/web moved since',
  ],
  [
    'an object that was written meanwhile',
    planOf([{ ...change, basis: 'u1/11' }]),
    'Deployment default/web moved since',
  ],
  [
    'an object that was made anew',
    planOf([{ ...change, basis: 'u2/10' }]),
    'Deployment default/web moved since',
  ],
  ['a change that is no longer needed', planOf([]), 'Deployment default/web moved since'],
  [
    'a further change',
    planOf([change, { ...change, target: 'Service default/web' }]),
    'stale: Service default/web moved since',
  ],
  [
    'another cluster of that name',
    planOf([change], { fingerprint: 'f2' }),
    'the plan is for cluster home, not for cluster home',
  ],
  [
    'another target',
    planOf([change], { target: 'sandbox home' }),
    'the plan is for cluster home, not for sandbox home',
  ],
])('%s is refused', (_, plan, message) => {
  expect(check(plan)).toThrow(message)
})

test('a saved plan holds no line of an object', () => {
  expect(JSON.stringify(saved)).not.toContain('replicas')
})

test('a file that is no saved plan is named, with how to make one', async () => {
  const file = join(temporaryFolder({ 'x.plan': '{"a": 1}' }), 'x.plan')
  await expect(readSavedPlan(file)).rejects.toThrow('this is not a saved plan')
  await expect(readSavedPlan(`${file}.gone`)).rejects.toThrow('this is not a saved plan')
})

test('of several changes to one thing none may have moved', () => {
  const steps = ['format', 'mount'].map((command) => ({
    ...change,
    target: 'kube1: volume data',
    commands: [command],
  }))
  const kept = JSON.parse(JSON.stringify(savedPlan(planOf(steps))))
  const against = (changes: Change[]) => () => refuseStale(kept, { plan: planOf(changes), file: 'next.plan' })
  expect(against([...steps])).not.toThrow()
  expect(against([{ ...steps[0]!, commands: ['other'] }, steps[1]!])).toThrow(
    'kube1: volume data moved since',
  )
  expect(against([steps[1]!])).toThrow('kube1: volume data moved since')
})
