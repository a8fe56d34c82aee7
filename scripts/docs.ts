import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { packageRoot } from '../tasks/lib/cli/root.ts'
import { checksPage } from './docs/checks-page.ts'
import { clusterSubject } from './docs/cluster-checks.ts'
import { clusterSchema } from './docs/cluster-schema.ts'
import { nodeSubject } from './docs/node-checks.ts'
import { numberedTests } from './docs/numbered-tests.ts'
import { withVariables } from './docs/variables-table.ts'

/** Writes what is generated from tables and tests: `npm run docs [-- --report FILE …]`. A test sees when it was forgotten. */
const { report = [] } = parseArgs({ options: { report: { type: 'string', multiple: true } } }).values
const readme = join(packageRoot(), 'README.md')
writeFileSync(readme, withVariables(readFileSync(readme, 'utf8')))
const schema = join(packageRoot(), 'docs/cluster.schema.json')
writeFileSync(schema, `${JSON.stringify(clusterSchema(), null, 2)}\n`)
const reports = report.map((file) => JSON.parse(readFileSync(file, 'utf8')))
const tests = numberedTests(packageRoot())
for (const [name, subject] of [
  ['nodes', nodeSubject],
  ['cluster', clusterSubject],
] as const) {
  const page = join(packageRoot(), `docs/checks-${name}.md`)
  const before = existsSync(page) ? readFileSync(page, 'utf8') : ''
  writeFileSync(page, checksPage(subject, { tests, results: { reports, before } }))
}
