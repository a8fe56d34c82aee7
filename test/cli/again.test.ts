import { describe, expect, it } from 'vitest'
import type { Plan, Step } from '../../tasks/lib/cli/change.ts'
import { createOutput } from '../../tasks/lib/cli/output.ts'
import { planText } from '../../tasks/lib/cli/plan/plan-text.ts'
import { execute } from '../../tasks/lib/cli/plan/steps.ts'
import { fakeChange, fakeCheck, fakePlan, fakeStep } from '../support/changes.ts'
import { screen } from '../support/screen.ts'

/** A plan that makes a cluster, and then what it says to be in it. */
function planOf(inside: () => Step, log: string[] = []): Plan {
  const told = (name: string) => ({ run: async () => void log.push(name) })
  const never = fakeChange('ConfigMap a', {
    run: async () => {
      throw new Error('made by an old plan')
    },
  })
  const again: Step['again'] = async () => {
    log.push('planned again')
    return { step: inside(), findings: [{ severity: 'warning', message: 'seen only now' }] }
  }
  return fakePlan([
    fakeStep('cluster-init', [fakeChange('cluster', told('cluster'))]),
    fakeStep('objects', [never], { again }),
  ])
}

async function executed(plan: Plan) {
  const stderr = screen()
  const output = createOutput({ stdout: screen(), stderr, environment: {} })
  const { outcome, changes } = await execute(plan, { output, signal: new AbortController().signal })
  const results = Object.fromEntries(changes.map(({ target, result }) => [target, result]))
  return { outcome, results, said: stderr.text() }
}

describe('a step that is planned again', () => {
  it('shows what is known before, and makes what is planned when its turn has come', async () => {
    const log: string[] = []
    const made = (name: string) => fakeChange(name, { run: async () => void log.push(name) })
    const plan = planOf(() => fakeStep('objects', [made('ConfigMap b'), made('ConfigMap c')]), log)
    expect(planText(plan, { detail: 'full' })).toContain('create ConfigMap a')
    const { outcome, results, said } = await executed(plan)
    expect(outcome).toBe('done')
    expect(log).toEqual(['cluster', 'planned again', 'ConfigMap b', 'ConfigMap c'])
    expect(results).toEqual({ cluster: 'done', 'ConfigMap b': 'done', 'ConfigMap c': 'done' })
    expect(said).toContain('warning: seen only now')
  })

  it('is verified at the end by what was planned then', async () => {
    const seen: string[] = []
    const check = fakeCheck('ConfigMap b', async () => void seen.push('ConfigMap b'))
    await executed(planOf(() => fakeStep('objects', [], { unchanged: [check] })))
    expect(seen).toEqual(['ConfigMap b'])
  })

  it('is not planned when a step before it failed', async () => {
    const log: string[] = []
    const plan = planOf(() => fakeStep('objects', []), log)
    const [init, objects] = plan.steps as [Step, Step]
    const failing = fakeChange('cluster', {
      run: async () => {
        throw new Error('no')
      },
    })
    const { outcome, results } = await executed({
      ...plan,
      steps: [{ ...init, waves: [{ changes: [failing], parallel: 1 }] }, objects],
    })
    expect({ outcome, log }).toEqual({ outcome: 'failed', log: [] })
    expect(results).toMatchObject({ 'ConfigMap a': 'not done' })
  })

  it('ends the run where it then cannot be made', async () => {
    const blocked = { severity: 'error' as const, message: 'ConfigMap b belongs to somebody else' }
    const plan = planOf(() => fakeStep('objects', [fakeChange('ConfigMap b', { blocked })]))
    await expect(executed(plan)).rejects.toThrow('ConfigMap b belongs to somebody else')
  })
})

describe('a step that a later one makes otherwise', () => {
  const planOfBoth = (verifyFirst: () => Promise<void>, log: string[] = []) => {
    const change = (name: string, verify: () => Promise<void>) =>
      fakeChange(name, { run: async () => void log.push(name), verify })
    const first = fakeStep('leave', [change('gone', verifyFirst)], { transient: true })
    return fakePlan([first, fakeStep('join', [change('there', async () => void log.push('there holds'))])])
  }

  it('is verified when it is made, and not at the end', async () => {
    const log: string[] = []
    const { outcome } = await executed(planOfBoth(async () => void log.push('gone holds'), log))
    expect(outcome).toBe('done')
    expect(log).toEqual(['gone', 'gone holds', 'there', 'there holds'])
  })

  it('stops the run where it does not hold', async () => {
    const log: string[] = []
    const never = async () => {
      throw new Error('still there')
    }
    const { outcome, results } = await executed(planOfBoth(never, log))
    expect({ outcome, log }).toEqual({ outcome: 'failed', log: ['gone'] })
    expect(results).toMatchObject({ there: 'not done' })
  })
})
