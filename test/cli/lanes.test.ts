import { setImmediate as aMoment } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { atEnd, runAtEnd } from '../../tasks/lib/cli/at-end.ts'
import type { Change, Plan } from '../../tasks/lib/cli/change.ts'
import { interrupted } from '../../tasks/lib/cli/commands/signals.ts'
import { TaskError } from '../../tasks/lib/cli/errors.ts'
import { createOutput } from '../../tasks/lib/cli/output.ts'
import { planText } from '../../tasks/lib/cli/plan/plan-text.ts'
import { execute } from '../../tasks/lib/cli/plan/steps.ts'
import { fakeChange, fakeCheck, fakePlan, fakeStep } from '../support/changes.ts'
import { screen } from '../support/screen.ts'

const stderr = screen()
const output = createOutput({ stdout: screen(), stderr, environment: {} })

async function executed(plan: Plan, controller = new AbortController()) {
  const { outcome, changes } = await execute(plan, { output, signal: controller.signal })
  return { outcome, results: Object.fromEntries(changes.map(({ target, result }) => [target, result])) }
}

/** Changes that write down when they begin and end; "a1" is the first of lane a. */
function laneChanges(names: string[], log: string[], more: (name: string) => Partial<Change> = () => ({})) {
  return names.map((name) =>
    fakeChange(name, {
      lane: name[0],
      run: async () => {
        log.push(`${name} begins`)
        for (let turn = 0; turn < 3; turn++) await aMoment()
        log.push(`${name} ends`)
      },
      ...more(name),
    }),
  )
}

function wave(changes: Change[], parallel: number): Plan {
  return fakePlan([fakeStep('one', [], { waves: [{ changes, parallel }] })])
}

describe('changes of one lane', () => {
  it('run one after the other, and lanes side by side', async () => {
    const log: string[] = []
    await executed(wave(laneChanges(['a1', 'a2', 'b1', 'b2'], log), 2))
    expect(log).toEqual([
      ...['a1 begins', 'b1 begins', 'a1 ends', 'a2 begins', 'b1 ends', 'b2 begins', 'a2 ends', 'b2 ends'],
    ])
  })

  it('wait for a free place where there are more lanes than places', async () => {
    const log: string[] = []
    await executed(wave(laneChanges(['a1', 'b1', 'a2'], log), 1))
    expect(log.filter((line) => line.endsWith('begins'))).toEqual(['a1 begins', 'a2 begins', 'b1 begins'])
  })

  it('of which one fails end with it: nothing new starts in any lane, what runs is finished', async () => {
    const log: string[] = []
    const failing = async () => {
      throw new TaskError('the disk is full')
    }
    const changes = laneChanges(['a1', 'a2', 'b1', 'b2'], log, (name) =>
      name === 'a1' ? { run: failing } : {},
    )
    const { outcome, results } = await executed(wave(changes, 2))
    expect(outcome).toBe('failed')
    expect(results).toEqual({ a1: 'failed', a2: 'not done', b1: 'done', b2: 'not done' })
  })
})

describe('the locks of a plan', () => {
  const held = (log: string[], changes: Change[]): Plan =>
    fakePlan([fakeStep('one', changes)], {
      hold: async () => {
        log.push('held')
        return async () => void log.push('released')
      },
    })

  it('are held around all changes', async () => {
    const log: string[] = []
    await executed(held(log, laneChanges(['a1'], log)))
    expect(log).toEqual(['held', 'a1 begins', 'a1 ends', 'released'])
  })

  it('are not taken where nothing changes', async () => {
    const log: string[] = []
    await executed({ ...held(log, []), steps: [fakeStep('one', [], { unchanged: [fakeCheck('a')] })] })
    expect(log).toEqual([])
  })

  it('are given back after a failure, and after Ctrl-C', async () => {
    const log: string[] = []
    const failing = async () => {
      throw new TaskError('the disk is full')
    }
    expect(await executed(held(log, [fakeChange('a', { run: failing })]))).toMatchObject({
      outcome: 'failed',
    })
    const controller = new AbortController()
    const stop = async () => controller.abort(interrupted())
    const stopped = await executed(held(log, [fakeChange('a', { run: stop }), fakeChange('b')]), controller)
    expect(stopped).toEqual({ outcome: 'interrupted', results: { a: 'done', b: 'not done' } })
    expect(log).toEqual(['held', 'released', 'held', 'released'])
  })

  it('that somebody else has change nothing', async () => {
    const log: string[] = []
    const hold = async () => {
      throw new TaskError('kube1 is locked by ann@desk since 12s')
    }
    const plan = { ...held(log, laneChanges(['a1'], log)), hold }
    await expect(executed(plan)).rejects.toThrow('locked by ann@desk')
    expect(log).toEqual([])
  })

  it('that cannot be given back are told of and change no outcome', async () => {
    const release = async () => {
      throw new TaskError('kube1 does not answer any more')
    }
    const plan = { ...held([], [fakeChange('a')]), hold: async () => release }
    expect(await executed(plan)).toMatchObject({ outcome: 'done' })
    expect(stderr.text()).toContain('warning: kube1 does not answer any more')
  })
})

it('a plan that knows nothing of a machine does not count it as wanted already', () => {
  const unchanged = [fakeCheck('kube1: file'), { ...fakeCheck('kube2'), isUnknown: true }]
  const step = fakeStep('one', [], { unchanged })
  expect(planText(fakePlan([step]), { detail: 'full' })).toBe(
    'plan for test\nnothing to do: 1 object as wanted; nothing is known of kube2\n',
  )
  expect(planText(fakePlan([step, fakeStep('two', [fakeChange('a')])]), { detail: 'full' })).toContain(
    'plan: 1 to create; 1 unchanged; nothing is known of kube2',
  )
})

it('what is left for the end of a task is done in reverse, whatever fails of it', async () => {
  const log: string[] = []
  atEnd(async () => void log.push('first'))
  atEnd(async () => {
    throw new TaskError('the socket is gone')
  })
  atEnd(async () => void log.push('last'))
  expect(await runAtEnd()).toMatchObject([{ severity: 'warning', message: 'the socket is gone' }])
  expect(log).toEqual(['last', 'first'])
  expect(await runAtEnd()).toEqual([])
})
