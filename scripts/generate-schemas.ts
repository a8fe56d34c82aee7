import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { withApiServer } from './schemas/server.ts'
import { type Get, schemaTable, tableText } from './schemas/table.ts'

/**
 * Writes tasks/lib/manifest/validation/schemas/kubernetes-MINOR.generated.json from what a real API server says of itself.
 * Each argument is a folder that holds kube-apiserver and etcd, started on loopback for the time it takes, or the
 * address of a server that answers without credentials (kubectl proxy).
 */
for (const source of process.argv.slice(2)) {
  if (existsSync(source)) await withApiServer(source, writeTable)
  else await writeTable((path) => fetch(new URL(path, source)).then((answer) => answer.json()))
}
if (process.argv.length < 3) {
  console.error('usage: npx tsx scripts/generate-schemas.ts FOLDER|URL…')
  process.exitCode = 64
}

async function writeTable(get: Get): Promise<void> {
  const table = await schemaTable(get)
  const minor = table.kubernetesVersion.split('.').slice(0, 2).join('.')
  const folder = fileURLToPath(new URL('../tasks/lib/manifest/validation/schemas', import.meta.url))
  const file = join(folder, `kubernetes-${minor}.generated.json`)
  writeFileSync(file, tableText(table))
  console.error(
    `${file}: ${Object.keys(table.kinds).length} kinds, ${Object.keys(table.models).length} models`,
  )
}
