import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join, relative } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type SyncPair, syncPair } from '../support/sync-pair.ts'

const hasUnison = spawnSync('unison', ['-version']).status === 0

let pair: SyncPair
beforeEach(() => {
  pair = syncPair()
})
afterEach(() => pair.remove(), 120_000)

/** Every file of a side but its records, by path. */
function contents(folder: string): Map<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )
  const paths = entries.map((entry) => relative(folder, join(entry.parentPath, entry.name)))
  const own = paths.filter((path) => !path.startsWith('.metaltasks-sync'))
  return new Map(own.sort().map((path) => [path, readFileSync(join(folder, path), 'utf8')]))
}

function write(folder: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
}

async function done(): Promise<void> {
  const ran = await pair.synchronise()
  expect(ran.exitCode, ran.stderr).toBe(0)
}

describe.skipIf(!hasUnison)('a synchronised folder', { timeout: 300_000 }, () => {
  test('takes new files, edits and deletions to the other side, both ways', async () => {
    write(pair.here, { 'a/one': '1', gone: 'x' })
    write(pair.there, { 'b/two': '2', 'odd name ': 'blank at the end', 'tab\tin': 'tab' })
    await done()
    expect(contents(pair.here)).toEqual(contents(pair.there))
    rmSync(join(pair.there, 'gone'))
    write(pair.here, { 'b/two': 'edited' })
    await done()
    expect([...contents(pair.there)]).toContainEqual(['b/two', 'edited'])
    expect(existsSync(join(pair.here, 'gone'))).toBe(false)
    expect(readFileSync(join(pair.here, '.metaltasks-sync/kept/gone'), 'utf8')).toBe('x')
  })

  test('keeps a file that differs on both sides under both names, and an edit of what was deleted', async () => {
    write(pair.here, { both: 'base', edited: 'base', deleted: 'base' })
    await done()
    write(pair.here, { both: 'from here', edited: 'kept here' })
    write(pair.there, { both: 'from there', deleted: 'kept there' })
    rmSync(join(pair.there, 'edited'))
    rmSync(join(pair.here, 'deleted'))
    await done()
    await done()
    const all = contents(pair.here)
    expect(contents(pair.there)).toEqual(all)
    expect([...all.values()].sort()).toEqual(['from here', 'from there', 'kept here', 'kept there'])
    expect([...all.keys()].filter((name) => /^both( |$)/.test(name))).toHaveLength(2)
  })

  test('overlooks no change of the same size, whatever time its file says', async () => {
    const stamp = (folder: string, text: string, seconds: number) => {
      write(folder, { f: text })
      utimesSync(join(folder, 'f'), seconds, seconds)
    }
    stamp(pair.here, 'AAAA', 1_700_000_000)
    await done()
    for (const [text, seconds] of [
      ['BBBB', 1_700_000_000],
      ['CCCC', 1_700_000_001],
      ['DDDD', 1_700_003_601],
    ] as const) {
      stamp(pair.here, text, seconds)
      await done()
      expect(readFileSync(join(pair.there, 'f'), 'utf8')).toBe(text)
    }
  })

  test('deletes nothing where a side is not the marked folder, and says so', async () => {
    write(pair.here, { a: '1', b: '2' })
    await done()
    for (const side of [pair.there, pair.here]) {
      execFileSync('mv', [side, `${side}.away`])
      mkdirSync(side)
      const ran = await pair.synchronise()
      expect(ran.exitCode).toBe(75)
      expect(ran.stderr).toContain('is the right file system mounted?')
      expect(readFileSync(join(pair.state, 'status'), 'utf8')).toContain('result=failed\n')
      rmSync(side, { recursive: true })
      execFileSync('mv', [`${side}.away`, side])
    }
    await done()
    expect([...contents(pair.here).keys()]).toEqual(['a', 'b'])
  })

  test('a file that a power cut left empty on the other side does not replace the good one', async () => {
    write(pair.here, { f: 'first' })
    await done()
    write(pair.here, { f: 'the good one' })
    await done()
    // As if the machine had gone down before its disk had the file, and the run before it ended.
    writeFileSync(join(pair.state, 'open-there'), 'here there\n')
    write(pair.there, { f: '' })
    pair.rebootThere()
    await done()
    await done()
    expect([...contents(pair.here).values()]).toContain('the good one')
    expect([...contents(pair.there).values()]).toContain('the good one')
  })

  test('of 1,000 files, edited on both sides and killed again and again, none is lost', async () => {
    const names = Array.from({ length: 1000 }, (_, index) => `d${index % 100}/f${index}`)
    const lines = (word: string, from: number, to: number) =>
      Object.fromEntries(names.slice(from, to).map((name, index) => [name, `${word} ${from + index}`]))
    write(pair.here, lines('base', 0, 1000))
    await killed(pair, 300)
    await done()
    write(pair.here, lines('here', 0, 200))
    write(pair.there, lines('there', 150, 350))
    for (const name of names.slice(400, 420)) rmSync(join(pair.here, name))
    write(pair.there, lines('kept', 400, 420))
    for (const milliseconds of [100, 250, 400]) await killed(pair, milliseconds)
    await done()
    await done()
    const all = contents(pair.here)
    expect(contents(pair.there)).toEqual(all)
    const present = new Set(all.values())
    const wanted = [
      lines('here', 0, 200),
      lines('there', 150, 350),
      lines('kept', 400, 420),
      lines('base', 420, 1000),
    ]
    expect(wanted.flatMap((files) => Object.values(files)).filter((line) => !present.has(line))).toEqual([])
    expect([...all.keys()].filter((name) => name.includes('conflict')).length).toBeGreaterThanOrEqual(50)
  })
})

/** Starts a run and kills all of it after a while. */
async function killed({ argv, state }: SyncPair, milliseconds: number): Promise<void> {
  const child = spawn(argv[0]!, argv.slice(1), { detached: true, stdio: 'ignore' })
  await sleep(milliseconds)
  const end = once(child, 'exit')
  if (child.exitCode === null) process.kill(-child.pid!, 'SIGKILL')
  await (child.exitCode === null ? end : undefined)
  await isOver(child.pid!)
  expect(statSync(state).isDirectory()).toBe(true)
}

// Its first process has ended; on a slow host the others are still about to.
async function isOver(session: number): Promise<void> {
  const states = () => spawnSync('ps', ['-o', 'stat=', '-g', String(session)], { encoding: 'utf8' }).stdout
  while (/^[^Z\s]/m.test(states())) await sleep(20)
}
