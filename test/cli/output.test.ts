import { setImmediate as aMoment } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { createOutput, type OutputOptions } from '../../tasks/lib/cli/output.ts'
import { announceCommand, onCommand } from '../../tasks/lib/cli/process/command-log.ts'
import { forgetSecrets, registerSecret } from '../../tasks/lib/cli/redact.ts'
import { handClock, type Screen, screen } from '../support/screen.ts'

afterEach(() => {
  forgetSecrets()
  onCommand(undefined)
})

function pipes(options: OutputOptions = {}) {
  const clock = handClock()
  const stdout = screen()
  const stderr = screen()
  return {
    clock,
    stdout,
    stderr,
    output: createOutput({ stdout, stderr, environment: {}, now: clock.now, ...options }),
  }
}

function terminal(size = { columns: 40, rows: 10 }, environment: Record<string, string> = {}) {
  const clock = handClock()
  const stdout = screen()
  const stderr = screen(size)
  return { clock, stdout, stderr, output: createOutput({ stdout, stderr, environment, now: clock.now }) }
}

describe('what goes where', () => {
  it('data goes to stdout and everything for people to stderr', () => {
    const { output, stdout, stderr } = pipes()
    output.data('a: 1\n')
    output.heading('Create 41 directories')
    output.line('kube1: mkdir -p /var/lib/k8s-volumes (41)')
    output.line()
    output.verbose('not shown')
    output.next('tasks persistent')
    expect(stdout.text()).toBe('a: 1\n')
    expect(stderr.text()).toBe(
      '==> Create 41 directories\nkube1: mkdir -p /var/lib/k8s-volumes (41)\n\nnext: tasks persistent\n',
    )
  })

  it('findings name their place, and each has its hint below', () => {
    const { output, stderr } = pipes()
    output.findings([
      { severity: 'error', file: 'web.yaml', line: 12, message: '$IP is not set', hint: 'set it in .env' },
      { severity: 'warning', message: 'two\nlines' },
      { severity: 'note', file: '.env', message: 'read' },
    ])
    expect(stderr.text()).toBe(
      'error: web.yaml:12: $IP is not set\nhint: set it in .env\nwarning: two\n  lines\nnote: .env: read\n',
    )
  })

  it('--verbose also shows each command line', () => {
    const { stderr } = pipes({ verbose: true })
    registerSecret('hunter2')
    announceCommand('login hunter2')
    expect(stderr.text()).toBe('login ***\n')
  })

  it('with --json stdout has one document, and what comes later is for people', () => {
    const { output, stdout, stderr } = pipes({ json: true })
    output.json({ a: [1, 2n], b: {} })
    output.json({ error: 'late' })
    expect(stdout.text()).toBe('{\n  "a": [\n    1,\n    2\n  ],\n  "b": {}\n}\n')
    expect(stderr.text()).toBe('{\n  "error": "late"\n}\n')
  })

  it('secrets are redacted everywhere but in data that was asked for unredacted', async () => {
    const { output, stdout, stderr } = pipes({ verbose: true })
    registerSecret('hunter2')
    output.data('data hunter2\n')
    output.data('asked hunter2\n', { unredacted: true })
    output.json('json hunter2')
    output.heading('heading hunter2')
    output.line('line hunter2 hun\x1b[0mter2')
    output.verbose('verbose hunter2')
    output.findings([{ severity: 'error', file: 'hunter2', message: 'hunter2', hint: 'hunter2' }])
    output.next('next hunter2')
    await output.live('title hunter2', async (say) => say('say hunter2'))
    expect(stdout.text()).toBe('data ***\nasked hunter2\n"json ***"\n')
    expect(stderr.text()).not.toContain('hunter2')
    expect(stderr.text()).toContain('line *** ***')
  })

  it('text from elsewhere cannot move the cursor, clear the screen or set the title', () => {
    const { output, stderr } = pipes()
    output.line('a\x1b[2Jb\x1b]0;title\x07c\x1b[31md\rtab\tend\x9b2J')
    expect(stderr.text()).toBe('abcdtab\tend2J\n')
  })
})

describe('live lines without a terminal', () => {
  it('show the first word, then one line in ten seconds, then the end with its time', async () => {
    const { output, stderr, clock } = pipes()
    await output.live('start etcd', async (say) => {
      say('waiting for etcd')
      await aMoment()
      clock.forward(4000)
      say('waiting for etcd: 1')
      await aMoment()
      clock.forward(7000)
      say('waiting for etcd: 2')
      await aMoment()
      clock.forward(1200)
      say('etcd is ready')
    })
    expect(stderr.text()).toBe('waiting for etcd\nwaiting for etcd: 2\netcd is ready (12s)\n')
  })

  it('do not repeat what was said just before', async () => {
    const { output, stderr, clock } = pipes()
    for (const milliseconds of [900, 1100]) {
      await output.live('start', async (say) => {
        say('etcd is running')
        await aMoment()
        clock.forward(milliseconds)
      })
    }
    expect(stderr.text()).toBe('etcd is running\netcd is running\netcd is running (1.1s)\n')
  })

  it('say what failed and pass the error on', async () => {
    const { output, stderr, clock } = pipes()
    const work = output.live('start etcd', async () => {
      clock.forward(1234)
      throw new Error('no port')
    })
    await expect(work).rejects.toThrow('no port')
    expect(stderr.text()).toBe('start etcd: failed (1.2s)\n')
  })
})

describe('live lines on a terminal', () => {
  it('are replaced in place and left standing with their time', async () => {
    const { output, stderr, clock } = terminal()
    await output.live('start etcd', async (say) => {
      say('etcd is ready')
      clock.forward(1200)
    })
    expect(stderr.text()).toBe('⠋ start etcd (0.0s)\n\x1b[1A\r\x1b[J✓ etcd is ready (1.2s)\n')
  })

  it('stand several at once, and other lines appear above them', async () => {
    const { output, stderr } = terminal()
    await Promise.all([output.live('one', () => pause()), output.live('two', () => pause())])
    async function pause() {
      await Promise.resolve()
      output.line('above')
    }
    expect(lastScreen(stderr)).toEqual(['above', 'above', '✓ one (0.0s)', '✓ two (0.0s)'])
  })

  it('are cut to the width, and counted when there are more than rows', async () => {
    const { output, stderr } = terminal({ columns: 20, rows: 4 })
    const ends: (() => void)[] = []
    const works = ['a long text without end', '日本語日本語日本語', 'three'].map((title) =>
      output.live(title, () => new Promise<void>((resolve) => ends.push(resolve))),
    )
    expect(lastScreen(stderr)).toEqual(['⠋ a long te… (0.0s)', '  … and 2 more'])
    for (const end of ends) end()
    await Promise.all(works)
    expect(lastScreen(stderr)[1]).toBe('✓ 日本語日本語日本語 (0.0s)')
  })

  it('are shown whole on a terminal that does not know its size', async () => {
    const { output, stderr } = terminal({ columns: 0, rows: 0 })
    await output.live('start etcd', async () => {})
    expect(stderr.text()).toBe('⠋ start etcd (0.0s)\n\x1b[1A\r\x1b[J✓ start etcd (0.0s)\n')
  })

  it('leave no remains when the terminal becomes narrower', async () => {
    const { output, stderr } = terminal({ columns: 40, rows: 10 })
    await output.live('thirty columns of text in all', async () => {
      stderr.columns = 20
    })
    expect(stderr.text()).toContain('\x1b[2A\r\x1b[J✓ thirty')
  })

  it('data may have colours only where stdout is a terminal itself', () => {
    const [stdout, stderr] = [screen(), screen({ columns: 80 })]
    expect(createOutput({ stdout, stderr, environment: {} }).dataColours).toBe(false)
    const both = { stdout: screen({ columns: 80 }), stderr: screen({ columns: 80 }) }
    expect(createOutput({ ...both, environment: {} }).dataColours).toBe(true)
    expect(createOutput({ ...both, environment: { NO_COLOR: '1' } }).dataColours).toBe(false)
  })

  it.each([
    ['a terminal', {}, true],
    ['NO_COLOR', { NO_COLOR: '1' }, false],
    ['an empty NO_COLOR', { NO_COLOR: '' }, true],
    ['CI', { CI: 'true' }, false],
    ['CI=false', { CI: 'false' }, true],
    ['a dumb terminal', { TERM: 'dumb' }, false],
  ])('%s decides whether lines may move', async (_, environment, interactive) => {
    const { output, stderr } = terminal(undefined, environment as Record<string, string>)
    expect(output.interactive).toBe(interactive)
    await output.live('work', async () => {})
    expect(stderr.text().includes('\x1b')).toBe(interactive)
  })
})

/** What a terminal shows after all that was written to it. */
function lastScreen(stream: Screen): string[] {
  const rows: string[] = []
  for (const part of stream.text().split(/(\x1b\[\d+A\r\x1b\[J|\n)/)) {
    const up = /^\x1b\[(\d+)A/.exec(part)
    if (up) rows.splice(rows.length - Number(up[1]))
    else if (part !== '\n' && part !== '') rows.push(part)
  }
  return rows
}
