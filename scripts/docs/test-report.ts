import { numbersOf } from './numbered-tests.ts'

/** What vitest writes with --reporter=json, as far as it is read here. */
export interface TestReport {
  testResults: {
    /** Path of the file. */
    name: string
    /** When it began, in milliseconds. */
    startTime: number
    assertionResults: { ancestorTitles: string[]; title: string; status: string }[]
  }[]
}

/**
 * How the tests of a check in one file ended, by the newest report that has the file, and when: "3 passed (2026-05-31)",
 * "2 passed, 1 failed (…)"; undefined where none ran.
 */
export function resultOf(
  reports: readonly TestReport[],
  { number, file }: { number: string; file: string },
): string | undefined {
  const newest = reports
    .flatMap(({ testResults }) => testResults)
    .filter(({ name }) => name.endsWith(`/${file}`))
    .sort((one, other) => one.startTime - other.startTime)
    .at(-1)
  const assertions = (newest?.assertionResults ?? []).filter(({ ancestorTitles, title }) =>
    [...ancestorTitles, title].some((name) => numbersOf(name).includes(number)),
  )
  const count = (wanted: (status: string) => boolean) =>
    assertions.filter(({ status }) => wanted(status)).length
  const counts = {
    passed: count((status) => status === 'passed'),
    failed: count((status) => status === 'failed'),
    'not run': count((status) => status !== 'passed' && status !== 'failed'),
  }
  const said = Object.entries(counts).flatMap(([word, many]) => (many > 0 ? [`${many} ${word}`] : []))
  if (said.length === 0) return undefined
  return `${said.join(', ')} (${new Date(newest!.startTime).toISOString().slice(0, 10)})`
}
