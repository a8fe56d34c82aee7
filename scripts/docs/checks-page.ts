import type { NumberedTest } from './numbered-tests.ts'
import { resultOf, type TestReport } from './test-report.ts'

/** One promise. */
export interface Check {
  number: string
  promise: string
}

/** What one page is about. */
export interface ChecksSubject {
  title: string
  checks: readonly Check[]
  /** Paragraphs below the first: where its tests run, and what does not. */
  notes: readonly string[]
}

const seeCi = 'see CI'
/** Of hours, which CI does not have: npm run lab:full. */
const notInCi = 'not in CI'

export interface Results {
  /** What vitest reported of its runs. */
  reports?: readonly TestReport[]
  /** The page as it was: its results stay where no report has newer ones. */
  before?: string
}

/** A page of checks, each with the tests that prove it and how they ended when they last ran. */
export function checksPage(
  { title, checks, notes }: ChecksSubject,
  { tests, results = {} }: { tests: NumberedTest[]; results?: Results },
): string {
  const rows = checks.map(({ number, promise }) => {
    const own = tests.filter(({ numbers }) => numbers.includes(number))
    return `| ${[number, promise, testCell(own), resultCell(own, { number, results })].map(escaped).join(' | ')} |`
  })
  const proven = checks.filter(({ number }) => tests.some(({ numbers }) => numbers.includes(number))).length
  return [
    `# ${title}`,
    '',
    'Written by `npm run docs` from the names of the tests: each begins with the number of what it proves. The result column comes',
    'from reports of vitest (`npx vitest run --reporter=json --outputFile=FILE`, then `npm run docs -- --report FILE --report OTHER`);',
    'what no report speaks of stays as it was.',
    '',
    ...notes.flatMap((note) => [note, '']),
    `${proven} of ${checks.length} checks have a test.`,
    '',
    '| check | promise | tests | result |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n')
}

/** The page without its results: what has to be current whatever ran last. */
export function withoutResults(page: string): string {
  return page.replace(/^(\| [A-I]\d\d \|.*\| )[^|]*\|$/gm, '$1|')
}

function testCell(tests: NumberedTest[]): string {
  if (tests.length === 0) return '**open**'
  const files = [...new Set(tests.map(({ file }) => file))]
  return files
    .map((file) => {
      const names = tests.filter((one) => one.file === file).map(({ name }) => name)
      return `${file}: ${[...new Set(names)].join('; ')}`
    })
    .join('<br>')
}

function resultCell(
  tests: NumberedTest[],
  { number, results: { reports = [], before = '' } }: { number: string; results: Results },
): string {
  if (tests.length === 0) return 'open'
  const known = resultsOn(before, number)
  const files = [...new Set(tests.map(({ file }) => file))]
  return files
    .map((file) => resultOf(reports, { number, file }) ?? known.get(file) ?? unreported(file))
    .join('<br>')
}

function unreported(file: string): string {
  return file.startsWith('test/lab/full/') ? notInCi : seeCi
}

// By file; of a row that does not have one result for each of its files nothing is taken over.
function resultsOn(page: string, number: string): Map<string, string> {
  const row = page.split('\n').find((line) => line.startsWith(`| ${number} |`))
  const [, , , tests = '', results = ''] = row?.split(/ ?(?<!\\)\| ?/) ?? []
  const files = tests.split('<br>').map((cell) => cell.split(': ')[0]!)
  const ends = results.split('<br>')
  const known = files.length === ends.length ? files.map((file, index) => [file, ends[index]!] as const) : []
  return new Map(known.filter(([, end]) => end !== seeCi))
}

function escaped(text: string): string {
  return text.replaceAll('|', '\\|')
}
