import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { packageRoot } from '../tasks/lib/cli/root.ts'
import { checksPage } from './docs/checks-page.ts'
import { clusterSchema } from './docs/cluster-schema.ts'
import { numberedTests } from './docs/numbered-tests.ts'
import { withVariables } from './docs/variables-table.ts'

/** Writes what is generated from tables and tests: `npm run docs [-- --report FILE …]`. A test sees when it was forgotten. */
const { report = [] } = parseArgs({ options: { report: { type: 'string', multiple: true } } }).values
const readme = join(packageRoot(), 'README.md')
writeFileSync(readme, withVariables(readFileSync(readme, 'utf8')))
const schema = join(packageRoot(), 'docs/cluster.schema.json')
writeFileSync(schema, `${JSON.stringify(clusterSchema(), null, 2)}\n`)
const checks = join(packageRoot(), 'docs/checks-nodes.md')
const reports = report.map((file) => JSON.parse(readFileSync(file, 'utf8')))
const results = { reports, before: readFileSync(checks, 'utf8') }
writeFileSync(checks, checksPage(numberedTests(packageRoot()), results))
