import type { Paint } from '../cli/terminal/colours.ts'
import type { Result, Section } from './result.ts'

const marks = { good: '✓', warning: '!', missing: '✗' } as const
const colours = { good: 'green', warning: 'yellow', missing: 'red' } as const
const widestName = 32

/** All sections as lines: a mark, the name, what is there; below it the next thing to type. */
export function sectionLines(sections: Section[], paint: Paint): string[] {
  const names = sections.flatMap(({ results }) => results.map(({ name }) => name.length))
  const width = Math.min(widestName, Math.max(0, ...names))
  return sections
    .filter(({ results }) => results.length > 0)
    .flatMap(({ title, results }) => [
      paint('bold', title),
      ...results.flatMap((result) => resultLines(result, { width, paint })),
    ])
}

function resultLines(
  { name, state, detail, hint }: Result,
  { width, paint }: { width: number; paint: Paint },
): string[] {
  const line = `  ${paint(colours[state], marks[state])} ${name.padEnd(width)}  ${detail}`.trimEnd()
  return hint === undefined ? [line] : [line, `    ${' '.repeat(width)}  ${paint('cyan', hint)}`]
}
