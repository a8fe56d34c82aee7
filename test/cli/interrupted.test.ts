import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lastRun } from '../../tasks/lib/cli/plan/last-run.ts'
import { bundledProgram } from '../support/bundled-program.ts'

const folder = mkdtempSync(join(tmpdir(), 'interrupted-'))
let program: string

beforeAll(async () => {
  program = await bundledProgram('files-task')
})
afterAll(() => rmSync(folder, { recursive: true }))

const allFiles = ['a', 'b', 'c', 'd', 'e']

describe('a run that is killed with -9 while it writes the journal, and run again', () => {
  it('ends in the same state, whatever the line', { timeout: 120_000 }, async () => {
    const whole = newRoot()
    expect(await finish(start(whole, 'plain'))).toMatchObject({ code: 0 })
    const lines = journalOf(whole).split('\n').length - 1
    expect(lines).toBe(1 + 1 + 2 * allFiles.length + 3 + 1)
    const kills = ['half', 'all'].flatMap((part) =>
      Array.from({ length: lines }, (_, n) => `kill:${n + 1}:${part}`),
    )
    for (const kill of kills) await killAndRunAgain(kill)
  })

  async function killAndRunAgain(kill: string) {
    const root = newRoot()
    expect(await finish(start(root, kill)), kill).toMatchObject({ signal: 'SIGKILL' })
    const first = lastRun(root)
    const done = filesIn(root)
    const again = await finish(start(root, 'plain'))
    expect(again.code, kill).toBe(0)
    expect(filesIn(root), kill).toEqual(allFiles)
    expect(lastRun(root), kill).toMatchObject({ outcome: 'done', changes: allFiles.length - done.length })
    if (!first || done.length === allFiles.length) return
    const stoppedAt = first.stoppedAt ? `at ${first.stoppedAt}` : 'before its first change'
    expect(again.stderr, kill).toContain(
      `the last run stopped ${stoppedAt} (${first.changesDone} of 5 changes done): going on\n`,
    )
    // Recorded as done only when it was: the record comes after the deed.
    expect(first.changesDone, kill).toBeLessThanOrEqual(done.length)
  }

  it('without its journal ends in the same state too', async () => {
    const root = newRoot()
    await finish(start(root, 'kill:7:all'))
    rmSync(join(root, '.tasks'), { recursive: true })
    expect(await finish(start(root, 'plain'))).toMatchObject({ code: 0 })
    expect(filesIn(root)).toEqual(allFiles)
  })
})

describe('Ctrl-C', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '(%s) ends what is in flight, then stops',
    async (signal) => {
      const root = newRoot()
      const child = start(root, 'in-flight')
      await child.shown('c is in flight')
      child.process.kill(signal)
      const { code, stderr } = await finish(child)
      expect(code).toBe(130)
      expect(filesIn(root)).toEqual(['a', 'b', 'c', 'd'])
      expect(stderr).toMatch(/stopping: what is in flight is finished first; Ctrl-C again ends at once\n/)
      expect(stderr).toMatch(/==> Stopped after .*: 4 of 5 changes done\n/)
      expect(stderr).toMatch(
        /\nnot done:\n {2}create e\nrun the same command again: it goes on from here\nnext: tasks files\n$/,
      )
      expect(lastRun(root)).toMatchObject({ outcome: 'interrupted', stoppedAt: 'second', changesDone: 4 })
      const again = await finish(start(root, 'plain'))
      expect(again.stderr).toContain('the last run stopped at second (4 of 5 changes done): going on\n')
    },
  )

  it('a second time ends at once', async () => {
    const root = newRoot()
    const child = start(root, 'stuck')
    await child.shown('c is in flight')
    child.process.kill('SIGINT')
    await child.shown('stopping:')
    child.process.kill('SIGINT')
    expect(await finish(child)).toMatchObject({ code: 130 })
    expect(existsSync(join(root, 'c'))).toBe(false)
    expect(lastRun(root)).toMatchObject({ outcome: 'interrupted' })
  })
})

// util-linux' script gives the program a terminal of its own.
describe.skipIf(!existsSync('/usr/bin/script'))('on a real terminal (needs script of util-linux)', () => {
  it('lines move while the work lasts and stand at the end', async () => {
    const { code, stdout } = await finish(startOnTerminal(newRoot(), 'plain'))
    expect(code).toBe(0)
    expect(stdout).toMatch(/. compare what is with what is wanted \(0.0s\)\r\n/)
    expect(stdout).toContain('\x1b[1A\r\x1b[J✓ 5 of 5 ready (0.0s)')
  })

  it('a line that is longer than the terminal is wide is cut while it moves', async () => {
    const { stdout } = await finish(startOnTerminal(newRoot(), 'plain', '--columns=24'))
    expect(stdout).toMatch(/. compare what … \(0.0s\)\r\n/)
  })

  it('a question is answered by typing', async () => {
    const root = newRoot()
    const child = startOnTerminal(root, 'plain', '--ask')
    await child.shown('apply 5 changes to folder? [y/N] ')
    child.process.stdin!.write('y\r')
    expect(await finish(child)).toMatchObject({ code: 0 })
    expect(filesIn(root)).toEqual(allFiles)
  })

  it('no is an answer too, and nothing is changed', async () => {
    const root = newRoot()
    const child = startOnTerminal(root, 'plain', '--ask')
    await child.shown('[y/N] ')
    child.process.stdin!.write('n\r')
    expect(await finish(child)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('nothing was changed'),
    })
    expect(filesIn(root)).toEqual([])
  })

  it('a secret that is typed is not shown', async () => {
    const child = startOnTerminal(newRoot(), 'hidden')
    await child.shown('passphrase? ')
    child.process.stdin!.write('hunter2\r')
    const { code, stdout } = await finish(child)
    expect(code).toBe(0)
    expect(stdout).toContain('got 7 characters')
    expect(stdout).not.toContain('hunter2')
  })

  it('Ctrl-C does not reach the programs that a change runs', async () => {
    const root = newRoot()
    const child = startOnTerminal(root, 'sleep')
    await child.shown('sleep is in flight')
    child.process.stdin!.write('\x03')
    const { code, stdout } = await finish(child)
    expect(code).toBe(130)
    expect(stdout).toContain('✓ sleep is in flight')
    expect(filesIn(root)).toContain('c')
  })
})

interface Started {
  process: ChildProcess
  /** Resolves as soon as the text was printed. */
  shown(text: string): Promise<void>
  ended: Promise<{ code: number | null; signal: string | null; stdout: string; stderr: string }>
}

function start(root: string, ...words: string[]): Started {
  return watch(spawn(process.execPath, [program, root, ...words], { stdio: ['ignore', 'pipe', 'pipe'] }))
}

function startOnTerminal(root: string, ...words: string[]): Started {
  const env = { PATH: process.env.PATH, HOME: root, TERM: 'xterm' }
  const columns = words.find((word) => word.startsWith('--columns='))?.slice(10) ?? '80'
  const command = `stty cols ${columns} rows 24; exec ${[process.execPath, program, root, ...words].join(' ')}`
  return watch(spawn('script', ['-qec', command, '/dev/null'], { env, stdio: 'pipe' }))
}

function watch(child: ChildProcess): Started {
  const text = { stdout: '', stderr: '' }
  const ended = new Promise<Awaited<Started['ended']>>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, ...text }))
  })
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]!.setEncoding('utf8').on('data', (chunk) => {
      text[name] += chunk
    })
  }
  const seen = () => text.stdout + text.stderr
  const shown = (part: string) => expect.poll(seen, { timeout: 20_000 }).toContain(part)
  return { process: child, shown, ended }
}

function finish({ ended }: Started) {
  return ended
}

function newRoot(): string {
  return mkdtempSync(join(folder, 'root-'))
}

function filesIn(root: string): string[] {
  return readdirSync(root).filter((name) => name.length === 1)
}

function journalOf(root: string): string {
  const [name] = readdirSync(join(root, '.tasks/journal'))
  return readFileSync(join(root, '.tasks/journal', name!), 'utf8')
}
