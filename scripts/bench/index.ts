import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { packageRoot } from '../../tasks/lib/cli/root.ts'
import type { Result } from './bar.ts'
import type { Chapter, Sizes } from './chapter.ts'
import { create } from './create.ts'
import { openLab } from './lab.ts'
import { describeMachine } from './machine.ts'
import { many } from './many.ts'
import { noChange } from './no-change.ts'
import { nodes } from './nodes.ts'
import { perObject } from './per-object.ts'
import { render } from './render.ts'
import { secrets } from './secrets.ts'
import { start } from './start.ts'
import { barsText, page, rowsText } from './table.ts'

const chapters: Chapter[] = [start, render, secrets, nodes, create, noChange, perObject, many]
const full: Sizes = {
  runs: 5,
  slowRuns: 3,
  objects: 500,
  rendered: 10_000,
  nodes: 43,
  volumesPerNode: 1000,
  targets: 20,
}
const quick: Sizes = {
  runs: 2,
  slowRuns: 1,
  objects: 100,
  rendered: 2000,
  nodes: 10,
  volumesPerNode: 100,
  targets: 5,
}
const usage = `usage: npm run bench -- [--only NAME] [--quick] [--runs N] [--objects N] [--targets N] [--write]
chapters: ${chapters.map(({ name }) => name).join(', ')}
--write replaces docs/benchmarks.md with this run; without it nothing is written`

process.exitCode = await bench(process.argv.slice(2))

/** Measures, prints what came of it, and ends with 0 also when a bar is missed: another machine has other times. */
async function bench(argv: string[]): Promise<number> {
  const asked = readArguments(argv)
  if (asked === undefined) return 64
  const began = performance.now()
  const say = (text: string) =>
    console.error(`${((performance.now() - began) / 1000).toFixed(0).padStart(4)}s ${text}`)
  const machine = await describeMachine()
  const results = await measureAll(asked.chapters, { sizes: asked.sizes, say })
  const bars = results.flatMap((result) => result.bars)
  const missed = bars.filter(({ met }) => !met).length
  console.log(machine.map(([what, value]) => `${what}: ${value}`).join('\n'))
  console.log(
    `\n${barsText(bars)}\n\n${missed === 0 ? 'every bar is met' : `${missed} of ${bars.length} bars missed`}`,
  )
  if (asked.write) writeFileSync(join(packageRoot(), 'docs', 'benchmarks.md'), page(results, machine))
  return 0
}

function readArguments(argv: string[]): { chapters: Chapter[]; sizes: Sizes; write: boolean } | undefined {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean', default: false } as const
  const options = {
    only: { ...text, multiple: true },
    runs: text,
    objects: text,
    targets: text,
    quick: flag,
    write: flag,
    help: flag,
  } as const
  try {
    const { values } = parseArgs({ args: argv, options })
    const { only = chapters.map(({ name }) => name), runs, objects, targets } = values
    // Always in the order of the table: the last chapter leaves a full server behind.
    const names = new Set(only.map(chapterNamed))
    const wanted = chapters.filter((chapter) => names.has(chapter))
    if (values.write && (values.quick || values.only))
      throw new Error('--write takes a whole run: no --only, no --quick')
    if (values.help) throw new Error('every bar of the product, side by side with the tools that it replaces')
    const sizes = {
      ...(values.quick ? quick : full),
      ...numberOf({ runs, objects, targets }),
    }
    return { chapters: wanted, sizes, write: values.write }
  } catch (error) {
    console.error(`${(error as Error).message}\n${usage}`)
    return undefined
  }
}

function chapterNamed(name: string): Chapter {
  const found = chapters.find((chapter) => chapter.name === name)
  if (found) return found
  throw new Error(`no chapter is named ${name}`)
}

function numberOf(given: Partial<Record<keyof Sizes, string>>): Partial<Sizes> {
  const entries = Object.entries(given).filter(([, text]) => text !== undefined)
  for (const [name, text] of entries)
    if (!/^[1-9]\d*$/.test(text!)) throw new Error(`--${name} ${text}: a number from 1 is expected`)
  return Object.fromEntries(entries.map(([name, text]) => [name, Number(text)]))
}

async function measureAll(
  wanted: Chapter[],
  { sizes, say }: { sizes: Sizes; say(text: string): void },
): Promise<Result[]> {
  const lab = await openLab(say)
  // The control plane would outlive this process.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void lab.close().finally(() => process.exit(130)))
  const results: Result[] = []
  try {
    for (const { name, measure, missing } of wanted) {
      const lacks = await missing?.()
      if (lacks !== undefined && wanted.length === 1) throw new Error(`${name}: ${lacks}`)
      say(lacks === undefined ? name : `${name} is left out: ${lacks}`)
      if (lacks !== undefined) continue
      const result = await measure(lab, sizes)
      results.push(result)
      console.log(`\n${result.title}\n${rowsText(result.rows)}\n`)
    }
  } finally {
    await lab.close()
  }
  return results
}
