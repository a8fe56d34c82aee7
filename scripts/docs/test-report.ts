import { numbersOf } from './numbered-tests.ts'

/** What vitest writes with --reporter=json, as far as it is read here. */
export interface TestReport {
  testResults: {
    /** Path of the file. */
    name: string
    assertionResults: { ancestorTitles: string[]; title: string; status: string }[]
  }[]
}

/** How the tests of a check in one file ended: "3 passed", "2 passed, 1 failed"; undefined where none ran. */
export function resultOf(
  report: TestReport,
  { number, file }: { number: string; file: string },
): string | undefined {
  const assertions = report.testResults
    .filter(({ name }) => name.endsWith(`/${file}`))
    .flatMap((result) => result.assertionResults)
    .filter(({ ancestorTitles, title }) =>
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
  return said.length > 0 ? said.join(', ') : undefined
}
