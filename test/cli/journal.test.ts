import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { Finding } from '../../tasks/lib/cli/errors.ts'
import { journalFiles, openJournal } from '../../tasks/lib/cli/plan/journal.ts'
import { goingOnText, lastRun } from '../../tasks/lib/cli/plan/last-run.ts'
import { forgetSecrets, registerSecret } from '../../tasks/lib/cli/redact.ts'
import { fakeChange, fakePlan, fakeStep } from '../support/changes.ts'
import { temporaryFolder } from '../support/cli.ts'
import { handClock } from '../support/screen.ts'

afterEach(forgetSecrets)

const plan = fakePlan([fakeStep('web', [fakeChange('a'), fakeChange('b')])], { target: 'sandbox home' })
const change = { step: 'web', target: 'a', action: 'create' as const, title: 'create a' }
const start = Date.UTC(2026, 0, 2, 3, 4, 5, 678)

function open(root: string, { task = 'secrets:new', time = start, argv = ['--yes'] } = {}) {
  const warnings: Finding[] = []
  const clock = handClock(time)
  const warn = (finding: Finding) => void warnings.push(finding)
  return { ...openJournal(root, { run: { task, plan, argv }, now: clock.now, warn }), warnings, clock }
}

describe('the journal', () => {
  it('has one line for each event, under .tasks/, which git ignores', () => {
    const root = temporaryFolder()
    const journal = open(root, { argv: ['keyname', '--yes'] })
    journal.clock.forward(1000)
    journal.write({ event: 'started', ...change })
    journal.write({ event: 'done', ...change, seconds: 1.5 })
    journal.write({ event: 'end', outcome: 'done', seconds: 2 })
    journal.close()
    expect(journal.file).toBe(`.tasks/journal/2026-01-02T03-04-05.678Z-secrets.new-${process.pid}.jsonl`)
    expect(readFileSync(join(root, journal.file!), 'utf8')).toBe(
      `{"time":"2026-01-02T03:04:05.678Z","event":"run","task":"secrets:new","target":"sandbox home","argv":["keyname","--yes"],"changes":2}
{"time":"2026-01-02T03:04:06.678Z","event":"started","step":"web","target":"a","action":"create","title":"create a"}
{"time":"2026-01-02T03:04:06.678Z","event":"done","step":"web","target":"a","action":"create","title":"create a","seconds":1.5}
{"time":"2026-01-02T03:04:06.678Z","event":"end","outcome":"done","seconds":2}
`,
    )
    expect(readFileSync(join(root, '.tasks/.gitignore'), 'utf8')).toBe('*\n')
  })

  it('holds no secrets', () => {
    const root = temporaryFolder()
    registerSecret('hunter2')
    const journal = open(root, { argv: ['--password', 'hunter2'] })
    journal.write({ event: 'failed', ...change, seconds: 1, error: 'cannot log in with hunter2' })
    expect(readFileSync(join(root, journal.file!), 'utf8')).not.toContain('hunter2')
  })

  it('keeps the newest fifty runs', () => {
    const root = temporaryFolder()
    for (let run = 0; run < 53; run++) open(root, { time: start + run * 1000 }).close()
    const names = readdirSync(join(root, '.tasks/journal')).sort()
    expect(names).toHaveLength(50)
    expect(names[0]).toContain('2026-01-02T03-04-08')
  })

  it('that cannot be written is a warning, once, and the run goes on', () => {
    const root = temporaryFolder({ '.tasks': 'a file where the folder should be' })
    const journal = open(root)
    journal.write({ event: 'end', outcome: 'done', seconds: 1 })
    journal.close()
    expect(journal.file).toBeUndefined()
    expect(journal.warnings).toMatchObject([
      { severity: 'warning', message: expect.stringContaining('not recorded') },
    ])
  })

  it.skipIf(!existsSync('/dev/full'))('on a full disk is a warning, once', () => {
    const root = temporaryFolder()
    mkdirSync(join(root, '.tasks/journal'), { recursive: true })
    const file = `2026-01-02T03-04-05.678Z-install-${process.pid}.jsonl`
    symlinkSync('/dev/full', join(root, '.tasks/journal', file))
    const journal = open(root, { task: 'install' })
    journal.write({ event: 'end', outcome: 'done', seconds: 1 })
    expect(journal.warnings).toMatchObject([{ message: expect.stringContaining('ENOSPC') }])
  })
})

describe('the last run', () => {
  it('is the newest of its task and target', () => {
    const root = temporaryFolder()
    open(root, { task: 'install', time: start })
    open(root, { task: 'apply', time: start + 1000 })
    expect(lastRun(root)).toMatchObject({ task: 'apply', startedAt: '2026-01-02T03:04:06.678Z' })
    expect(lastRun(root, { task: 'install', target: 'sandbox home' })).toMatchObject({ task: 'install' })
    expect(lastRun(root, { task: 'install', target: 'cluster home' })).toBeUndefined()
    expect(lastRun(temporaryFolder())).toBeUndefined()
  })

  it('has its outcome and the time of each step', () => {
    const root = temporaryFolder()
    const journal = open(root)
    journal.write({ event: 'started', ...change })
    journal.write({ event: 'done', ...change, seconds: 1 })
    journal.write({ event: 'step', step: 'web', title: 'Web', seconds: 1.5, changed: 1, unchanged: 3 })
    journal.write({ event: 'end', outcome: 'failed', seconds: 2 })
    expect(lastRun(root)).toEqual({
      task: 'secrets:new',
      target: 'sandbox home',
      startedAt: '2026-01-02T03:04:05.678Z',
      outcome: 'failed',
      seconds: 2,
      changes: 2,
      changesDone: 1,
      stoppedAt: 'web',
      steps: [{ name: 'web', title: 'Web', seconds: 1.5, changed: 1, unchanged: 3 }],
    })
    expect(goingOnText(lastRun(root))).toBeUndefined()
  })

  it('without an end was interrupted, and a half last line is no matter', () => {
    const root = temporaryFolder()
    const journal = open(root)
    journal.write({ event: 'started', ...change })
    journal.write({ event: 'done', ...change, seconds: 1 })
    appendFileSync(join(root, journal.file!), '{"time":"2026-01-02T03:04:06.678Z","event":"en')
    expect(lastRun(root)).toMatchObject({ outcome: 'interrupted', changesDone: 1 })
    expect(goingOnText(lastRun(root))).toBe('the last run stopped at web (1 of 2 changes done): going on')
  })

  it('of which only half the first line was written is not counted', () => {
    const root = temporaryFolder()
    open(root, { time: start })
    const newer = open(root, { time: start + 1000 })
    writeFileSync(join(root, newer.file!), '{"time":"2026')
    expect(journalFiles(root)).toHaveLength(2)
    expect(lastRun(root)).toMatchObject({ startedAt: '2026-01-02T03:04:05.678Z' })
  })

  it('that stopped before its first change says so', () => {
    const root = temporaryFolder()
    open(root)
    expect(goingOnText(lastRun(root))).toBe(
      'the last run stopped before its first change (0 of 2 changes done): going on',
    )
  })
})
