import type { Bar, Result, Row } from './bar.ts'

/** The figures of a chapter as columns for a terminal. */
export function rowsText(rows: Row[]): string {
  return columns(rows.map(cells))
}

/** The bars as columns for a terminal, and how many are missed. */
export function barsText(bars: Bar[]): string {
  const lines = bars.map(({ name, wanted, reached, met }) => [name, wanted, reached, met ? 'met' : 'MISSED'])
  return columns([['bar', 'wanted', 'reached', ''], ...lines])
}

/** The page of a run. */
export function page(results: Result[], machine: [what: string, value: string][]): string {
  const bars = results.flatMap((result) => result.bars)
  return [
    '# Benchmarks',
    '',
    'Written by `npm run bench -- --write`: one run on one machine. The ratios carry over to other machines better than the times do.',
    'Each time is the median of runs that take turns (A B A B) after one that is not counted, unless it says otherwise.',
    '',
    ...markdownTable(['machine', ''], machine),
    '',
    '## Bars',
    '',
    ...markdownTable(
      ['bar', 'wanted', 'reached', ''],
      bars.map(({ name, wanted, reached, met }) => [name, wanted, reached, met ? 'met' : '**missed**']),
    ),
    ...results.flatMap(chapter),
    '',
  ].join('\n')
}

function chapter({ title, method, rows }: Result): string[] {
  const table = markdownTable(['', 'median', 'runs', 'fastest – slowest', ''], rows.map(cells))
  return ['', `## ${title}`, '', method, '', ...table]
}

function cells({ name, value, runs, range, note }: Row): string[] {
  return [name, value, String(runs), runs > 1 && range ? range : '', note ?? '']
}

function markdownTable(head: string[], lines: string[][]): string[] {
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`)
}

function columns(lines: string[][]): string {
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)))
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
