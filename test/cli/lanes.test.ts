import { setImmediate as aMoment } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { atEnd, runAtEnd } from '../../tasks/lib/cli/at-end.ts'
import type { Change, Plan, Step } from '../../tasks/lib/cli/change.ts'
import { interrupted } from '../../tasks/lib/cli/commands/signals.ts'
import { TaskError } from '../../tasks/lib/cli/errors.ts'
import { createOutput } from '../../tasks/lib/cli/output.ts'
import type { JournalEvent } from '../../tasks/lib/cli/plan/journal.ts'
import { planText } from '../../tasks/lib/cli/plan/plan-text.ts'
import { execute } from '../../tasks/lib/cli/plan/steps.ts'
import { fakeChange, fakeCheck, fakePlan, fakeStep } from '../support/changes.ts'
import { handClock, screen } from '../support/screen.ts'

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

describe('neighbouring steps in which each lane has its own pace', () => {
  const step = (name: string, changes: Change[], more: Partial<Step> = {}) =>
    fakeStep(name, [], { waves: [{ changes, parallel: 2 }], ownPace: true, ...more })
  const begins = (log: string[]) => log.filter((line) => line.endsWith('begins')).join(', ')

  it('run together: a lane that is done with one goes on with the next', async () => {
    const log: string[] = []
    const first = step('first', laneChanges(['a1', 'b1', 'b2', 'b3'], log))
    await executed(fakePlan([first, fakeStep('nothing', []), step('second', laneChanges(['a2', 'b4'], log))]))
    expect(begins(log)).toBe('a1 begins, b1 begins, a2 begins, b2 begins, b3 begins, b4 begins')
  })

  it.each<[string, Partial<Step>]>([
    ['that needs all lanes of the one before', { ownPace: undefined }],
    [
      'that is planned when its turn has come',
      { again: async () => ({ step: step('again', []), findings: [] }) },
    ],
  ])('wait for each other before one %s', async (_, more) => {
    const log: string[] = []
    const first = step('first', laneChanges(['a1', 'b1', 'b2'], log))
    const second = step('second', laneChanges(['a2'], log), more)
    await executed(fakePlan([first, second, step('third', laneChanges(['a3'], log))]))
    const wanted = more.again ? 'a1, b1, b2, a3' : 'a1, b1, b2, a2, a3'
    expect(begins(log).replaceAll(' begins', '')).toBe(wanted)
  })

  it('are reported one by one, each from its first begin to its last end, with its own changes', async () => {
    const clock = handClock(0)
    const timed = (name: string, lane: string, seconds: number) =>
      fakeChange(name, { lane, run: async () => clock.forward(seconds * 1000) })
    const first = step('first', [timed('a1', 'a', 2), timed('a2', 'a', 3)], { unchanged: [fakeCheck('c')] })
    const idle = fakeStep('idle', [])
    const plan = fakePlan([first, step('second', [timed('a3', 'a', 4)]), idle])
    const entries: JournalEvent[] = []
    const journal = { write: (entry: JournalEvent) => void entries.push(entry), close: () => {} }
    const { signal } = new AbortController()
    const report = await execute(plan, { output, signal, now: clock.now, journal })
    expect(
      report.steps.map(({ name, seconds, changed, unchanged }) => [name, seconds, changed, unchanged]),
    ).toEqual([
      ['first', 5, 2, 1],
      ['second', 4, 1, 0],
      ['idle', 0, 0, 0],
    ])
    expect(report.changes.map(({ step, target, after }) => [step, target, after])).toEqual([
      ['first', 'a1', 0],
      ['first', 'a2', 2],
      ['second', 'a3', 5],
    ])
    const done = entries.flatMap((entry) =>
      entry.event === 'done' ? [`${entry.step}: ${entry.target}`] : [],
    )
    expect(done).toEqual(['first: a1', 'first: a2', 'second: a3'])
  })

  it('have a time of their own where only one of them has something to do', async () => {
    const clock = handClock(0)
    const slow = fakeChange('a1', { lane: 'a', run: async () => clock.forward(2000) })
    const plan = fakePlan([fakeStep('before', []), step('busy', [slow]), fakeStep('after', [])])
    const { steps } = await execute(plan, { output, signal: new AbortController().signal, now: clock.now })
    expect(steps.map(({ seconds }) => seconds)).toEqual([0, 2, 0])
  })

  it('end together where a change fails: what comes later in other lanes is not begun', async () => {
    const log: string[] = []
    const failing = async () => {
      throw new TaskError('the disk is full')
    }
    const first = step('first', [fakeChange('a1', { lane: 'a', run: failing }), ...laneChanges(['b1'], log)])
    const { outcome, results } = await executed(
      fakePlan([first, step('second', laneChanges(['a2', 'b2'], log))]),
    )
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
