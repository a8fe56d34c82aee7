import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as aMoment } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import type { Change, Plan } from '../../tasks/lib/cli/change.ts'
import { interrupted } from '../../tasks/lib/cli/commands/signals.ts'
import { TaskError } from '../../tasks/lib/cli/errors.ts'
import { createOutput } from '../../tasks/lib/cli/output.ts'
import { runPlan } from '../../tasks/lib/cli/plan/execute.ts'
import { noJournal } from '../../tasks/lib/cli/plan/journal.ts'
import { printReport, reportJson } from '../../tasks/lib/cli/plan/report.ts'
import { execute, filterSteps } from '../../tasks/lib/cli/plan/steps.ts'
import type { Context, GlobalOptions, Task } from '../../tasks/lib/cli/task.ts'
import { fakeChange, fakeCheck, fakePlan, fakeStep } from '../support/changes.ts'
import { handClock, screen } from '../support/screen.ts'

const folder = mkdtempSync(join(tmpdir(), 'execute-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Executes a plan on a clock of its own: `pass(milliseconds)` lets time pass. */
async function transcript(makePlan: (pass: (milliseconds: number) => void, stop: () => void) => Plan) {
  const clock = handClock(1_000_000)
  const controller = new AbortController()
  const [stdout, stderr] = [screen(), screen()]
  const output = createOutput({ stdout, stderr, environment: {}, now: clock.now })
  const plan = makePlan(clock.forward, () => controller.abort(interrupted()))
  const report = await execute(plan, {
    output,
    journal: noJournal,
    signal: controller.signal,
    now: clock.now,
  })
  printReport(report, { output, again: 'tasks install' })
  return { text: stderr.text(), report }
}

describe('a run', () => {
  it('makes the changes in order, verifies everything and reports the time of each step', async () => {
    const { text, report } = await transcript((pass) =>
      fakePlan([
        fakeStep('namespaces', [fakeChange('Namespace web', { run: async () => pass(400) })], {
          title: 'Create the namespaces',
          unchanged: [fakeCheck('Namespace apps')],
        }),
        fakeStep('flannel', [], { unchanged: [fakeCheck('DaemonSet kube-flannel')] }),
        fakeStep('web', [
          fakeChange('Deployment web/web', {
            action: 'update',
            simulated: true,
            run: async () => pass(1200),
            verify: async ({ say }) => {
              say('waiting for Deployment web/web: 0 of 3 available')
              await aMoment()
              pass(3000)
            },
          }),
          fakeChange('ConfigMap web/old', {
            action: 'delete',
            verify: async ({ say }) => say('waiting for its end'),
          }),
        ]),
      ]),
    )
    expect(text).toBe(`==> Create the namespaces: 1 change
create Namespace web (0.4s)
==> web: 2 changes
update Deployment web/web (1.2s)
delete ConfigMap web/old (0.0s)
==> Verify 5 objects
ConfigMap web/old: gone (0.0s)
waiting for Deployment web/web: 0 of 3 available
Deployment web/web: simulated (3.0s)
5 of 5 ready, 1 of them simulated (3.0s)
==> Done in 4.6s: 3 changes, 2 unchanged
  namespaces  0.4s  1 changed  1 unchanged
  flannel     0.0s  0 changed  1 unchanged
  web         1.2s  2 changed  0 unchanged
  verify      3.0s    5 ready  1 simulated
simulated: no real machine stands behind 1 of 5 ready
`)
    expect(reportJson(report)).toMatchObject({
      target: 'test',
      outcome: 'done',
      changes: [
        { step: 'namespaces', target: 'Namespace web', action: 'create', result: 'done', after: 0 },
        { step: 'web', target: 'Deployment web/web', result: 'done', simulated: true },
        { step: 'web', target: 'ConfigMap web/old', result: 'done' },
      ],
      steps: [
        { name: 'namespaces', seconds: 0.4, changed: 1, unchanged: 1 },
        { name: 'flannel' },
        { name: 'web' },
      ],
      verification: { ready: 5, simulated: 1, failed: 0 },
      findings: [],
    })
  })

  it('in which a change fails finishes what is in flight, starts nothing new and says what was not done', async () => {
    const { text, report } = await transcript((pass) => {
      const gate = promiseWithResolve()
      const changes = [
        fakeChange('a', { run: async () => pass(100) }),
        fakeChange('b', {
          run: async () => {
            await gate.promise
            throw new TaskError('the disk is full', { file: 'web.yaml', line: 3, hint: 'make room' })
          },
        }),
        fakeChange('c', {
          run: async () => {
            gate.resolve()
            await aMoment()
          },
        }),
        fakeChange('d'),
      ]
      const steps = [
        fakeStep('one', [], { waves: [{ changes, parallel: 2 }] }),
        fakeStep('two', [fakeChange('e')]),
      ]
      return fakePlan(steps)
    })
    expect(text).toBe(`==> one: 4 changes
create a (0.1s)
create b: failed (0.0s)
create c (0.0s)
==> Failed after 0.1s: 2 of 5 changes done
  one  0.1s  2 changed  0 unchanged
done:
  create a
  create c
failed: create b
error: web.yaml:3: the disk is full
hint: make room
not done:
  create d
  create e
run the same command again: it goes on from here
next: tasks install
`)
    expect(report.outcome).toBe('failed')
  })

  it('after Ctrl-C ends what is in flight and starts nothing new', async () => {
    const { text, report } = await transcript((pass, stop) => {
      const first = fakeChange('a', {
        run: async () => {
          stop()
          await Promise.resolve()
          pass(500)
        },
      })
      return fakePlan([fakeStep('one', [first, fakeChange('b')]), fakeStep('two', [fakeChange('c')])])
    })
    expect(text).toBe(`==> one: 2 changes
create a (0.5s)
==> Stopped after 0.5s: 1 of 3 changes done
  one  0.5s  1 changed  0 unchanged
done:
  create a
not done:
  create b
  create c
run the same command again: it goes on from here
next: tasks install
`)
    expect(report.outcome).toBe('interrupted')
  })

  it('a change that ends itself because of Ctrl-C counts as not done', async () => {
    const { report } = await transcript((_, stop) => {
      const run: Change['run'] = async ({ signal }) => {
        stop()
        signal.throwIfAborted()
      }
      return fakePlan([fakeStep('one', [fakeChange('a', { run })])])
    })
    expect(report).toMatchObject({ outcome: 'interrupted', changes: [{ result: 'not done' }] })
  })

  it('shows all that is not ready at the end, not only the first', async () => {
    const { text, report } = await transcript(() =>
      fakePlan([
        fakeStep('web', [fakeChange('Namespace web')], {
          unchanged: [
            fakeCheck('Deployment a', async () => {
              throw new TaskError('Deployment a: its pods crash', { hint: 'see its log' })
            }),
            fakeCheck('Deployment b', async ({ say }) => {
              say('waiting for Deployment b')
              throw new TaskError('Deployment b: no node has room')
            }),
          ],
        }),
      ]),
    )
    expect(text).toContain(`==> Verify 3 objects
waiting for Deployment b: failed (0.0s)
1 of 3 ready, 2 not (0.0s)
==> Failed after 0.0s: 1 of 1 change done, 2 objects not ready
  web     0.0s  1 changed  2 unchanged
`)
    expect(text).toContain(`done:
  create Namespace web
error: Deployment a: its pods crash
hint: see its log
error: Deployment b: no node has room
run the same command`)
    expect(report.outcome).toBe('failed')
  })

  it('waits for a limited time and says what it waited for', async () => {
    const never = fakeCheck('Deployment a', ({ say }) => {
      say('waiting for Deployment a: 1 of 3 available')
      return new Promise(() => {})
    })
    const { text } = await transcript(() =>
      fakePlan([fakeStep('a', [], { unchanged: [never] })], { waitSeconds: 0.01 }),
    )
    expect(text).toContain(
      'error: Deployment a is not ready after 0.0s: waiting for Deployment a: 1 of 3 available\n' +
        'hint: run the same command again to go on waiting, or look at it with tasks status\n',
    )
  })

  it('waits at a gate before the next wave, saying what for', async () => {
    const first = fakeChange('Namespace a', {
      verify: async ({ say }) => {
        say('waiting for Namespace a')
        await aMoment()
        await aMoment()
      },
    })
    const waves = [
      { changes: [first], parallel: 1, gate: true },
      { changes: [fakeChange('Secret a/a')], parallel: 1 },
    ]
    const { text } = await transcript(() => fakePlan([fakeStep('a', [], { waves })]))
    expect(text).toContain(`==> a: 2 changes
create Namespace a (0.0s)
waiting for Namespace a
Namespace a: ready (0.0s)
create Secret a/a (0.0s)
==> Verify 2 objects
`)
  })

  it('stops at a gate that does not open', async () => {
    const broken = fakeChange('CustomResourceDefinition a', {
      verify: async () => {
        throw new TaskError('names are not accepted')
      },
    })
    const waves = [
      { changes: [broken], parallel: 1, gate: true },
      { changes: [fakeChange('A a')], parallel: 1 },
    ]
    const { report } = await transcript(() => fakePlan([fakeStep('crds', [], { waves })]))
    expect(report).toMatchObject({
      outcome: 'failed',
      changes: [{ result: 'done' }, { result: 'not done' }],
      verification: { findings: [{ message: 'names are not accepted' }] },
    })
  })

  it('runs as many changes at once as its wave allows, and waves in order', async () => {
    let running = 0
    const most: Record<string, number> = {}
    const order: string[] = []
    const change = (name: string) =>
      fakeChange(name, {
        run: async () => {
          most[name[0]!] = Math.max(most[name[0]!] ?? 0, ++running)
          await new Promise((resolve) => setImmediate(resolve))
          running--
          order.push(name[0]!)
        },
      })
    const wave = (letter: string, parallel: number) => ({
      changes: Array.from({ length: 6 }, (_, n) => change(`${letter}${n}`)),
      parallel,
    })
    await transcript(() => fakePlan([fakeStep('x', [], { waves: [wave('a', 4), wave('b', 1)] })]))
    expect(most).toEqual({ a: 4, b: 1 })
    expect(order.join('')).toBe('aaaaaabbbbbb')
  })

  it('a step with many changes has one line for all of them', async () => {
    const changes = Array.from({ length: 500 }, (_, n) => fakeChange(`ConfigMap c${n}`))
    const { text } = await transcript(() => fakePlan([fakeStep('maps', changes)]))
    expect(text).toMatch(/^==> maps: 500 changes\n500 of 500 changes done \(0.0s\)\n==> Verify/)
  })

  it('an error that is a bug of ours is reported with its stack, and what was done before it', async () => {
    const broken = fakeChange('b', { run: async () => JSON.parse('{') })
    const { text } = await transcript(() => fakePlan([fakeStep('one', [fakeChange('a'), broken])]))
    expect(text).toMatch(
      /failed: create b\nerror: SyntaxError: .*\n +at JSON.parse[\s\S]*this is a bug in tasks/,
    )
  })
})

it('the time that computing the plan took is part of the report', async () => {
  const clock = handClock(1_000_000)
  const stderr = screen()
  const output = createOutput({ stderr, environment: {}, now: clock.now })
  const { signal } = new AbortController()
  const plan = fakePlan([fakeStep('one', [fakeChange('a')])])
  const report = await execute(plan, { output, signal, now: clock.now, planSeconds: 2.5 })
  printReport(report, { output, again: '' })
  expect(stderr.text()).toContain(`==> Done in 2.5s: 1 change, 0 unchanged
  plan    2.5s
  one     0.0s  1 changed  0 unchanged
  verify  0.0s    1 ready  0 simulated
`)
})

describe('--only', () => {
  const plan = fakePlan([fakeStep('namespaces', []), fakeStep('node-labels', []), fakeStep('flannel', [])])

  it('keeps the steps that it names, in the order of the plan', () => {
    expect(filterSteps(plan, ['flannel', 'namespaces']).steps.map((step) => step.name)).toEqual([
      'namespaces',
      'flannel',
    ])
    expect(filterSteps(plan, [])).toBe(plan)
  })

  it('names every step that does not exist, with the one that was meant', () => {
    expect(() => filterSteps(plan, ['flanel', 'flannel', 'xyz'])).toThrow(
      expect.objectContaining({
        exitCode: 64,
        findings: [
          {
            severity: 'error',
            message: '--only flanel: there is no such step',
            hint: 'did you mean flannel?',
          },
          {
            severity: 'error',
            message: '--only xyz: there is no such step',
            hint: 'the steps are namespaces, node-labels, flannel',
          },
        ],
      }),
    )
  })
})

describe('a task with a plan', () => {
  async function run(plan: Plan, given: Partial<GlobalOptions> = {}, more: Partial<Task> = {}) {
    const root = mkdtempSync(join(folder, 'root-'))
    const [stdout, stderr] = [screen(), screen()]
    const options = {
      dryRun: false,
      only: [],
      yes: false,
      verbose: false,
      json: false,
      sandbox: false,
      ...given,
    }
    const output = createOutput({ stdout, stderr, environment: {}, now: () => 0, json: options.json })
    const context: Context = {
      name: 'install',
      argv: ['--x', "it's"],
      arguments: {},
      options,
      root,
      output,
      signal: new AbortController().signal,
    }
    const task: Task = { group: 'start', summary: '', examples: [], plan: async () => plan, ...more }
    const ended = await runPlan(task, context).then(
      (exitCode) => ({ exitCode, error: undefined }),
      (error) => ({ exitCode: error.exitCode as number, error }),
    )
    return { ...ended, root, stdout: stdout.text(), stderr: stderr.text() }
  }

  function counted(more: Partial<Change> = {}) {
    const change = fakeChange('ConfigMap a', { after: ['a: 1'], ...more })
    let runs = 0
    return { change: { ...change, run: async () => void runs++ }, runs: () => runs }
  }

  it('with --yes applies it, records it and says what comes next', async () => {
    const { change, runs } = counted()
    const { exitCode, stdout, stderr, root } = await run(fakePlan([fakeStep('a', [change])]), { yes: true })
    expect([exitCode, runs(), stdout]).toEqual([0, 1, ''])
    expect(stderr).toContain("every line of it: tasks install --x 'it'\\''s' --dry-run\n")
    expect(stderr).toMatch(/==> Done in .*: 1 change, 0 unchanged\n[\s\S]*next: tasks status\n$/)
    const [journal] = readdirSync(join(root, '.tasks/journal'))
    expect(readFileSync(join(root, '.tasks/journal', journal!), 'utf8')).toContain('"outcome":"done"')
  })

  it('a dry run shows every line on stdout and changes nothing', async () => {
    const { change, runs } = counted()
    const { exitCode, stdout, root } = await run(fakePlan([fakeStep('a', [change])]), { dryRun: true })
    expect([exitCode, runs()]).toEqual([0, 0])
    expect(stdout).toContain('+ create ConfigMap a\n  + a: 1\n')
    expect(existsSync(join(root, '.tasks'))).toBe(false)
  })

  it('without a terminal and without --yes nothing is changed, and the option is named', async () => {
    const { change, runs } = counted()
    const { exitCode, error } = await run(fakePlan([fakeStep('a', [change])]))
    expect([exitCode, runs(), error.findings[0].hint]).toEqual([64, 0, 'answer it with --yes'])
  })

  it('where nothing real is touched there is no question', async () => {
    const { change, runs } = counted()
    expect((await run(fakePlan([fakeStep('a', [change])], { ask: false }))).exitCode).toBe(0)
    expect(runs()).toBe(1)
  })

  it('one blocked change and nothing at all is changed', async () => {
    const { change, runs } = counted()
    const blocked = fakeChange('Service b', { blocked: { severity: 'error', message: 'immutable' } })
    const { exitCode, stderr } = await run(fakePlan([fakeStep('a', [change, blocked])]), { yes: true })
    expect([exitCode, runs()]).toEqual([1, 0])
    expect(stderr).toContain('  error: immutable\n')
    expect(stderr).toMatch(/nothing was changed: 1 change cannot be made, see above\n$/)
  })

  it('without changes nothing is asked, and what is there is verified', async () => {
    let verified = 0
    const check = fakeCheck('Namespace a', async () => void verified++)
    const { exitCode, stderr } = await run(fakePlan([fakeStep('a', [], { unchanged: [check] })]))
    expect([exitCode, verified]).toEqual([0, 1])
    expect(stderr).toContain('nothing to do: 1 object as wanted\n')
  })

  it.each([
    [{ yes: true }, 64, 0],
    [{ confirm: 'other' }, 64, 0],
    [{ confirm: 'home' }, 0, 1],
  ])('that destroys needs its name: %j gives %i', async (options, expected, runsExpected) => {
    const { change, runs } = counted({ action: 'delete' })
    const plan = fakePlan([fakeStep('a', [change])])
    const { exitCode } = await run(plan, options, { confirmName: () => 'home' })
    expect([exitCode, runs()]).toEqual([expected, runsExpected])
  })

  it('with --json gives one document on stdout', async () => {
    const { change } = counted()
    const plan = fakePlan([fakeStep('a', [change])])
    const done = await run(plan, { yes: true, json: true })
    expect(JSON.parse(done.stdout)).toMatchObject({
      target: 'test',
      outcome: 'done',
      changes: [{ result: 'done' }],
    })
    const dry = await run(plan, { dryRun: true, json: true })
    expect(JSON.parse(dry.stdout)).toMatchObject({ steps: [{ changes: [{ after: ['a: 1'] }] }] })
    const blocked = fakePlan([fakeStep('a', [{ ...change, blocked: { severity: 'error', message: 'no' } }])])
    expect(JSON.parse((await run(blocked, { json: true })).stdout)).toMatchObject({ outcome: 'blocked' })
  })

  it('a failed run ends with 1 and has its errors in the document', async () => {
    const broken = fakeChange('a', {
      run: async () => {
        throw new TaskError('no')
      },
    })
    const { exitCode, stdout } = await run(fakePlan([fakeStep('a', [broken])]), { yes: true, json: true })
    expect(exitCode).toBe(1)
    expect(JSON.parse(stdout).changes[0].findings).toEqual([{ severity: 'error', message: 'no' }])
  })
})

function promiseWithResolve() {
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
