import { nodeChecks } from './node-checks.ts'
import type { NumberedTest } from './numbered-tests.ts'
import { resultOf, type TestReport } from './test-report.ts'

const seeCi = 'see CI'

/** docs/checks-nodes.md: each check with the tests that prove it and, given a report of vitest, how they ended. */
export function checksPage(tests: NumberedTest[], report?: TestReport): string {
  const rows = nodeChecks.map(({ number, promise }) => {
    const own = tests.filter(({ numbers }) => numbers.includes(number))
    return `| ${[number, promise, testCell(own), resultCell(own, { number, report })].map(escaped).join(' | ')} |`
  })
  const proven = nodeChecks.filter(({ number }) =>
    tests.some(({ numbers }) => numbers.includes(number)),
  ).length
  return [
    '# Checks of nodes and volumes',
    '',
    'Written by `npm run docs` from the names of the tests: each begins with the number of what it proves. The result column comes',
    'from a report of vitest (`npx vitest run --reporter=json --outputFile=FILE`, then `npm run docs -- --report FILE`).',
    'Tests below test/lab run on machines of their own, with systemd, LVM and LUKS; the others on any Linux.',
    '',
    `${proven} of ${nodeChecks.length} checks have a test.`,
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
  { number, report }: { number: string; report?: TestReport },
): string {
  if (tests.length === 0) return 'open'
  const files = [...new Set(tests.map(({ file }) => file))]
  return files.map((file) => (report && resultOf(report, { number, file })) ?? seeCi).join('<br>')
}

function escaped(text: string): string {
  return text.replaceAll('|', '\\|')
}
