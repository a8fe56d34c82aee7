import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { clusterSchema } from './docs/cluster-schema.ts'

// Formatted like the rest, so that the check of the formatter agrees.
const file = fileURLToPath(new URL('../docs/cluster.schema.json', import.meta.url))
writeFileSync(file, `${JSON.stringify(clusterSchema(), null, 2)}\n`)
spawnSync('npx', ['biome', 'format', '--write', file], { stdio: 'inherit' })
