import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import type { Change, Progress } from '../../tasks/lib/cli/change.ts'
import { interrupted } from '../../tasks/lib/cli/commands/signals.ts'
import { TaskError } from '../../tasks/lib/cli/errors.ts'
import { allChanges } from '../../tasks/lib/cli/plan/plan-counts.ts'
import type { Machine } from '../../tasks/lib/node/machine.ts'
import { type NodeStep, planNodes } from '../../tasks/lib/node/plan/plan-nodes.ts'
import type { Answer, Resource } from '../../tasks/lib/node/resource.ts'
import { temporaryFolder } from '../support/cli.ts'
import { countingMachine, goneMachine, textResource } from '../support/machines.ts'

const progress: Progress = { say: () => {}, signal: new AbortController().signal }

/** A plan of one step. */
async function planOf(work: NodeStep['work'], options: { quorum?: string[]; parallel?: number } = {}) {
  const { steps, findings } = await planNodes([{ name: 'one', title: 'One', work }], {
    parallel: 4,
    ...options,
  })
  const [step] = steps
  return {
    step: step!,
    findings,
    changes: allChanges({ target: '', steps, findings }),
    unchanged: step!.unchanged,
  }
}

/** What a probe answers, through a real shell. */
async function answerTo(probe: string, machine: Machine = countingMachine('kube1')): Promise<Answer> {
  let got: Answer | undefined
  const plan = (answer: Answer) => {
    got = answer
    return { actions: [] }
  }
  await planOf([
    {
      machine,
      resources: [
        { target: 'before', probe: 'echo first', plan: () => ({ actions: [] }) },
        { target: 'x', probe, plan },
      ],
    },
  ])
  return got!
}

describe('a probe', () => {
  test.each<[string, string, Partial<Answer>]>([
    ['gives its output to the byte', "printf 'a\\n\\nb'", { stdout: 'a\n\nb', stderr: '', exitCode: 0 }],
    ['gives its exit code', 'exit 7', { stdout: '', exitCode: 7 }],
    ['goes on after a command that fails', 'false; echo on', { stdout: 'on\n', exitCode: 0 }],
    ['gives what it wrote to stderr', 'echo bad >&2; false', { stderr: 'bad\n', exitCode: 1 }],
    ['may ask for a variable that is not set', 'echo "[$nothing]"', { stdout: '[]\n' }],
    ['finds nothing on its stdin', 'cat', { stdout: '', exitCode: 0 }],
    [
      'may have several lines and quotes',
      'for i in 1 2\ndo echo "it\'s $i"\ndone',
      { stdout: "it's 1\nit's 2\n" },
    ],
    [
      'may print what looks like a frame',
      "printf '\\nabc 1 end 0\\n\\nabc whole\\n'",
      { stdout: '\nabc 1 end 0\n\nabc whole\n' },
    ],
    ['that prints all it knows of its shell gives the frame away to nobody', 'set; false', { exitCode: 1 }],
    ['with a fault in its words fails alone', 'if then', { exitCode: 2 }],
    ['that ends its shell ends only itself', "kill -9 $(sh -c 'echo $PPID')", { exitCode: 137 }],
  ])('%s', async (_, probe, expected) => {
    expect(await answerTo(probe)).toMatchObject(expected)
  })

  it('is not disturbed by what the machine says of itself before', async () => {
    const machine = countingMachine('kube1', (result) => ({
      ...result,
      stdout: `Welcome to kube1!${result.stdout}bye`,
      stderr: `sudo: unable to resolve host${result.stderr}`,
    }))
    expect(await answerTo('printf yes; exit 3', machine)).toEqual({ stdout: 'yes', stderr: '', exitCode: 3 })
  })

  it('whose answer was cut off, at any byte, is an error and never an answer', async () => {
    const whole = { stdout: '', stderr: '' }
    const resources = [textResource('/nonexistent'), textResource('/etc/hostname')]
    const seen = countingMachine('kube1', (result) => Object.assign(whole, result))
    await planOf([{ machine: seen, resources }])
    const length = whole.stdout.length
    for (const stream of ['stdout', 'stderr'] as const) {
      for (const kept of [0, 1, 20, 60, length >> 1, length - 30, length - 2, length - 1]) {
        const machine = countingMachine('kube1', (result) => ({
          ...result,
          [stream]: result[stream].slice(0, Math.min(kept, result[stream].length - 1)),
        }))
        const { changes, findings, unchanged } = await planOf([{ machine, resources }])
        expect(changes).toEqual([])
        expect(findings[0]!.message).toContain('kube1: its answer was cut off')
        expect(unchanged).toMatchObject([{ target: 'kube1', isUnknown: true }])
      }
    }
  })
})

describe('a machine', () => {
  it('is asked once for all steps, and once more when all is verified', async () => {
    const folder = temporaryFolder()
    const machine = countingMachine('kube1.example.com')
    const texts = ['a', 'b', 'c'].map((name) => textResource(join(folder, name), { text: '' }))
    const { steps } = await planNodes(
      texts.map((resource, index) => ({
        name: `${index}`,
        title: `${index}`,
        work: [{ machine, resources: [resource] }],
      })),
      { parallel: 1 },
    )
    expect(machine.scripts).toHaveLength(1)
    expect(steps.map(({ waves }) => waves)).toEqual([[], [], []])
    await Promise.all(steps.flatMap(({ unchanged }) => unchanged.map((check) => check.verify(progress))))
    expect(machine.scripts).toHaveLength(2)
  })

  it('is changed by what the plan shows and by nothing else', async () => {
    const path = join(temporaryFolder(), 'a')
    const machine = countingMachine('kube1.example.com')
    const { changes } = await planOf([{ machine, resources: [textResource(path)] }])
    expect(existsSync(path)).toBe(false)
    const [change] = changes
    expect(change).toMatchObject({
      target: `kube1: text ${path}`,
      title: `kube1: write ${path}`,
      lane: 'kube1.example.com',
      commands: [`printf %s wanted >${path}`],
      before: [''],
      after: ['wanted'],
      basis: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    await change!.run(progress)
    expect(readFileSync(path, 'utf8')).toBe('wanted')
    await change!.verify(progress)
  })

  it('whose state moved since gives the change another basis', async () => {
    const path = join(temporaryFolder(), 'a')
    const basis = async () =>
      (await planOf([{ machine: countingMachine('kube1'), resources: [textResource(path)] }])).changes[0]!
        .basis
    const first = await basis()
    expect(await basis()).toBe(first)
    writeFileSync(path, 'other')
    expect(await basis()).not.toBe(first)
  })
})

/** The one change of a machine that runs these commands. */
async function changeOf(commands: string[], more: Partial<Parameters<typeof act>[0]> = {}): Promise<Change> {
  const resource = act({ commands, ...more })
  const { changes } = await planOf([{ machine: countingMachine('kube1.example.com'), resources: [resource] }])
  return changes[0]!
}

function act(
  action: Partial<ReturnType<Resource['plan']>['actions'][number]> & { commands: string[] },
): Resource {
  return {
    target: 'thing',
    probe: ':',
    plan: () => ({ actions: [{ action: 'run', title: 'do it', ...action }] }),
  }
}

describe('a change', () => {
  test.each<[string, string[], string]>([
    [
      'names the command that failed and its last words',
      ['true', 'echo no space left >&2; exit 28', 'echo never'],
      'kube1.example.com: echo no space left >&2; exit 28 failed with exit code 28\nno space left',
    ],
    [
      'tells what was printed where nothing was said',
      ['echo it is full; false'],
      'kube1.example.com: echo it is full; false failed with exit code 1\nit is full',
    ],
    [
      'stops at a list whose first word fails',
      ['false && true', 'echo never'],
      'kube1.example.com: false && true failed with exit code 1',
    ],
    [
      'stops at a variable that is not set',
      ['echo "$nothing"'],
      'kube1.example.com: echo "$nothing" failed with exit code 2',
    ],
    [
      'stops at a command that ends the script as if all were well',
      ['exit 0', 'echo never'],
      'kube1.example.com: exit 0 ended before its last command',
    ],
    [
      'says of many lines the first',
      ['if true\nthen false\nfi'],
      'kube1.example.com: if true … failed with exit code 1',
    ],
  ])('%s', async (_, commands, message) => {
    const change = await changeOf(commands)
    await expect(change.run(progress)).rejects.toThrow(message)
  })

  it('says what comes next where it fails', async () => {
    const error = await (await changeOf(['false'])).run(progress).catch((error: TaskError) => error)
    expect((error as TaskError).findings[0]!.hint).toBe(
      'mend it on kube1, then run the same command again: it goes on from here',
    )
  })

  it('gets its input by stdin, and never sees it in its words', async () => {
    const path = join(temporaryFolder(), 'key')
    const bytes = Uint8Array.from({ length: 64 }, (_, index) => index)
    const change = await changeOf([`cat >${path}`, `test "$(wc -c <${path})" -eq 64`], { input: () => bytes })
    await change.run(progress)
    expect(new Uint8Array(readFileSync(path))).toEqual(bytes)
  })

  it('hands over what its commands printed, when all of them ended well', async () => {
    const got: string[] = []
    const output = (text: string) => void got.push(text)
    await (await changeOf(['printf a', 'printf b'], { output })).run(progress)
    await (await changeOf(['printf a', 'false'], { output })).run(progress).catch(() => {})
    expect(got).toEqual(['ab'])
  })

  describe('that gave something out for its commands', () => {
    const takeBack = async () => {
      throw new TaskError('the token is still there', { hint: 'kubeadm token list' })
    }
    const failing = async (change: Change, signal = progress.signal) => {
      const error = await change.run({ ...progress, signal }).catch((error: TaskError) => error)
      return (error as TaskError).findings.map(({ message }) => message)
    }

    it('takes it back, whether the commands end well or not', async () => {
      let taken = 0
      const counted = { takeBack: async () => void taken++ }
      await (await changeOf(['true'], counted)).run(progress)
      expect(await failing(await changeOf(['false'], counted))).toHaveLength(1)
      expect(taken).toBe(2)
    })

    it('and cannot take it back has failed, and tells what else went wrong before it', async () => {
      expect(await failing(await changeOf(['true'], { takeBack }))).toEqual(['the token is still there'])
      expect(await failing(await changeOf(['false'], { takeBack }))).toEqual([
        'kube1.example.com: false failed with exit code 1',
        'the token is still there',
      ])
    })

    it('and was stopped before it could begin tells only what is left', async () => {
      const stop = new AbortController()
      const input = () => {
        stop.abort(interrupted())
        throw stop.signal.reason
      }
      expect(await failing(await changeOf(['true'], { input, takeBack }), stop.signal)).toEqual([
        'the token is still there',
      ])
    })
  })

  it('whose connection ended before its last command has failed', async () => {
    const machine = countingMachine('kube1', (result, script) =>
      script.includes('echo done') ? { ...result, stderr: result.stderr.slice(0, -8) } : result,
    )
    const { changes } = await planOf([{ machine, resources: [act({ commands: ['echo done'] })] }])
    await expect(changes[0]!.run(progress)).rejects.toThrow('kube1: echo done ended before its last command')
  })

  it('after which something is left to do fails when it is verified, and says what', async () => {
    const change = await changeOf(['true'])
    await change.run(progress)
    await expect(change.verify(progress)).rejects.toThrow(
      'kube1.example.com: thing is not as wanted; still to do: do it',
    )
  })

  it('whose state cannot be understood afterwards fails with the machine and what it is about', async () => {
    let asked = 0
    const plan = () => {
      if (asked++ === 0) return { actions: [{ action: 'run' as const, title: 'do it', commands: ['true'] }] }
      throw new TaskError('half an answer')
    }
    const { changes } = await planOf([
      { machine: countingMachine('kube1'), resources: [textResource('/x', { plan })] },
    ])
    await expect(changes[0]!.verify(progress)).rejects.toThrow('kube1: text /x: half an answer')
  })

  it('that takes a moment to come true is waited for', async () => {
    const path = join(temporaryFolder(), 'late')
    const { changes } = await planOf([
      { machine: countingMachine('kube1'), resources: [textResource(path, { settleSeconds: 20 })] },
    ])
    const said: string[] = []
    const say = (text: string) => {
      said.push(text)
      writeFileSync(path, 'wanted')
    }
    await changes[0]!.verify({ ...progress, say })
    expect(said).toEqual([`kube1: text ${path}: waiting: write ${path}`])
  })

  it('that cannot be planned is blocked, and named with its machine', async () => {
    const plan = () => {
      throw new TaskError('half an answer', { hint: 'look at it' })
    }
    const resources = [textResource('/nonexistent', { plan }), textResource('/nonexistent/too')]
    const { changes } = await planOf([{ machine: countingMachine('kube1'), resources }])
    expect(changes.map(({ blocked }) => blocked)).toEqual([
      { severity: 'error', message: 'kube1: text /nonexistent: half an answer', hint: 'look at it' },
      undefined,
    ])
  })
})

describe('A02 a machine that cannot be reached', () => {
  it('is named and fails the run; the others go on', async () => {
    const paths = ['a', 'b'].map((name) => join(temporaryFolder(), name))
    const { findings, changes, unchanged } = await planOf([
      { machine: countingMachine('kube1'), resources: [textResource(paths[0]!)] },
      { machine: goneMachine('kube2'), resources: [textResource(paths[1]!)] },
    ])
    expect(findings).toMatchObject([{ severity: 'error', message: 'kube2: no route to host' }])
    expect(changes.map(({ lane }) => lane)).toEqual(['kube1'])
    expect(unchanged).toMatchObject([{ target: 'kube2', isUnknown: true }])
    await expect(unchanged[0]!.verify(progress)).rejects.toThrow('no route to host')
  })

  it('keeps every other machine of its quorum group as it is', async () => {
    const [one, two, three] = ['cp1', 'cp2', 'worker'].map((name) => countingMachine(name))
    const machines = [one!, goneMachine('cp3'), two!, three!]
    const work = machines.map((machine) => ({ machine, resources: [textResource('/nonexistent/a')] }))
    const { findings, changes, unchanged } = await planOf(work, { quorum: ['cp1', 'cp2', 'cp3'] })
    expect(changes.map(({ lane }) => lane)).toEqual(['worker'])
    expect(unchanged.map(({ target }) => target)).toEqual(['cp1', 'cp3', 'cp2'])
    expect(findings.map(({ message }) => message)).toContain(
      "cp2 is left as it is: cp3 cannot be reached, and they need each other's quorum",
    )
  })

  it('because of Ctrl-C is no fault of the machine', async () => {
    const controller = new AbortController()
    const stopped = (name: string): Machine => ({
      ...goneMachine(name),
      run: async () => {
        controller.abort(interrupted())
        throw new Error('the connection was closed')
      },
    })
    const work = ['kube1', 'kube2'].map((name) => ({ machine: stopped(name), resources: [] }))
    const steps = [{ name: 'one', title: 'One', work }]
    const { signal } = controller
    await expect(planNodes(steps, { parallel: 2, signal })).rejects.toMatchObject({ exitCode: 130 })
  })

  it('that answers but lets nobody in stops the plan, with all such machines named', async () => {
    const refusing = (name: string): Machine => ({
      ...goneMachine(name),
      run: async () => {
        throw new TaskError(`${name}: permission denied`)
      },
    })
    const work = ['kube1', 'kube2'].map((name) => ({ machine: refusing(name), resources: [] }))
    const error = await planOf(work).catch((error: TaskError) => error)
    expect((error as TaskError).findings.map(({ message }) => message)).toEqual([
      'kube1: permission denied',
      'kube2: permission denied',
    ])
  })
})

test('so many machines are asked side by side as are allowed', async () => {
  let [running, most] = [0, 0]
  const machines = Array.from({ length: 6 }, (_, index) => {
    const machine = countingMachine(`kube${index}`)
    const { run } = machine
    machine.run = async (script, options) => {
      most = Math.max(most, ++running)
      const result = await run(script, options)
      running--
      return result
    }
    return machine
  })
  await planOf(
    machines.map((machine) => ({ machine, resources: [textResource('/nonexistent')] })),
    { parallel: 2 },
  )
  expect(most).toBe(2)
})
