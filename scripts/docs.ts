import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../tasks/lib/cli/root.ts'
import { clusterSchema } from './docs/cluster-schema.ts'
import { withVariables } from './docs/variables-table.ts'

/** Writes what is generated from the tables in the code: `npm run docs`. A test sees when it was forgotten. */
const readme = join(packageRoot(), 'README.md')
writeFileSync(readme, withVariables(readFileSync(readme, 'utf8')))
const schema = join(packageRoot(), 'docs/cluster.schema.json')
writeFileSync(schema, `${JSON.stringify(clusterSchema(), null, 2)}\n`)
