import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checksPage, withoutResults } from '../../scripts/docs/checks-page.ts'
import { clusterSubject } from '../../scripts/docs/cluster-checks.ts'
import { nodeSubject } from '../../scripts/docs/node-checks.ts'
import { numberedTests, testsOf } from '../../scripts/docs/numbered-tests.ts'
import { resultOf, type TestReport } from '../../scripts/docs/test-report.ts'
import { packageRoot } from '../../tasks/lib/cli/root.ts'

const pages = [
  { file: 'docs/checks-nodes.md', subject: nodeSubject },
  { file: 'docs/checks-cluster.md', subject: clusterSubject },
]

test.each(pages)('$file is current', ({ file, subject }) => {
  const page = readFileSync(join(packageRoot(), file), 'utf8')
  const wanted = checksPage(subject, { tests: numberedTests(packageRoot()) })
  expect(withoutResults(wanted), 'run: npm run docs').toBe(withoutResults(page))
})

test('a test that is named after a check names one that there is', () => {
  const known = pages.flatMap(({ subject }) => subject.checks.map(({ number }) => number))
  const named = numberedTests(packageRoot()).flatMap(({ numbers }) => numbers)
  expect(named.filter((number) => !known.includes(number))).toEqual([])
})

const source = [
  "test('A03 a second run changes nothing', () => {})",
  "describe('B01 and B02: devices', () => { test('not numbered', () => {}) })",
  "test.each([1])('C01 with %s', () => {})",
  'test.skipIf(true)(`C02 of ${name}`, () => {})',
  "expect('A04 is no test').toBe(1)",
].join('\n')

test('numbered tests are found in a source, however they are written', () => {
  expect(testsOf(source, 'test/x.test.ts').map(({ numbers, name }) => [numbers.join(), name])).toEqual([
    ['A03', 'a second run changes nothing'],
    ['B01,B02', 'devices'],
    ['C01', 'with %s'],
    ['C02', 'of …'],
  ])
})

const report: TestReport = {
  testResults: [
    {
      name: '/somewhere/test/x.test.ts',
      startTime: Date.UTC(2026, 4, 31),
      assertionResults: [
        { ancestorTitles: [], title: 'A03 a second run changes nothing', status: 'passed' },
        { ancestorTitles: ['B01 and B02: devices'], title: 'not numbered', status: 'failed' },
        { ancestorTitles: [], title: 'C01 with 1', status: 'passed' },
        { ancestorTitles: [], title: 'C01 with 2', status: 'skipped' },
      ],
    },
  ],
}

const older: TestReport = {
  testResults: [
    {
      name: '/somewhere/test/x.test.ts',
      startTime: Date.UTC(2026, 4, 30),
      assertionResults: [{ ancestorTitles: [], title: 'A03 a second run changes nothing', status: 'failed' }],
    },
  ],
}

test.each([
  ['A03', '1 passed (2026-05-31)'],
  ['B02', '1 failed (2026-05-31)'],
  ['C01', '1 passed, 1 not run (2026-05-31)'],
  ['C02', undefined],
])('the result of %s is %s, by the newest report of its file', (number, result) => {
  expect(resultOf([report, older], { number, file: 'test/x.test.ts' })).toBe(result)
})

test('a check without a test is open, and one without a result is left to CI', () => {
  const page = checksPage(nodeSubject, {
    tests: testsOf(source, 'test/x.test.ts'),
    results: { reports: [report] },
  })
  expect(page).toMatch(/^\| A01 \|.*\| \*\*open\*\* \| open \|$/m)
  expect(page).toMatch(
    /^\| A03 \|.*\| test\/x\.test\.ts: a second run changes nothing \| 1 passed \(2026-05-31\) \|$/m,
  )
  expect(page).toMatch(/^\| C02 \|.*\| see CI \|$/m)
  expect(page).toContain('5 of 28 checks have a test.')
})

test('what takes hours is not left to CI, which does not run it', () => {
  const tests = testsOf(source, 'test/lab/full/x.test.ts')
  const page = checksPage(nodeSubject, { tests })
  expect(page).toMatch(/^\| C02 \|.*\| not in CI \|$/m)
  const before = page.replace('not in CI', 'see CI')
  expect(checksPage(nodeSubject, { tests, results: { before } })).toBe(page)
})

test('results stay where no report has newer ones, file by file', () => {
  const tests = [...testsOf(source, 'test/x.test.ts'), ...testsOf(source, 'test/y.test.ts')]
  const before = checksPage(nodeSubject, { tests, results: { reports: [report] } })
  expect(before).toMatch(/^\| A03 \|.*\| 1 passed \(2026-05-31\)<br>see CI \|$/m)
  expect(checksPage(nodeSubject, { tests, results: { before } })).toBe(before)
  const newer = JSON.parse(JSON.stringify(report).replace('x.test.ts', 'y.test.ts'))
  const page = checksPage(nodeSubject, { tests, results: { before, reports: [newer] } })
  expect(page).toMatch(/^\| A03 \|.*\| 1 passed \(2026-05-31\)<br>1 passed \(2026-05-31\) \|$/m)
})
