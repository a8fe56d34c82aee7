import { rm } from 'node:fs/promises'
import { UsageError } from '../lib/cli/errors.ts'
import type { Output } from '../lib/cli/output.ts'
import { defineTask } from '../lib/cli/task.ts'
import { type Imported, importFile, importSecret } from '../lib/secrets/import/import-secret.ts'
import { clearSource, importJson, importLines } from '../lib/secrets/import/import-words.ts'
import { readClear } from '../lib/secrets/import/read-clear.ts'
import { nameFromFile, readSource } from '../lib/secrets/import/read-source.ts'
import { readPeople } from '../lib/secrets/keys/people.ts'
import { operatorName } from '../lib/secrets/operator/operator-name.ts'
import { secretProject } from '../lib/secrets/project.ts'

export default defineTask(import.meta, {
  group: 'secrets',
  summary: 'encrypt what is in clear so far: a file, or a Secret of the cluster',
  description:
    'The manifest of a Secret loses what only the cluster says of it; its texts go to stringData, other bytes to data. ' +
    '.env files and flat YAML or JSON become a Secret with their keys; any other file is one value. With --kind file ' +
    'the file is encrypted as it is. The clear text goes nowhere else.',
  arguments: {
    file: { summary: 'a file in clear', complete: 'files' },
  },
  options: {
    fromCluster: { type: 'string', valueName: 'NAMESPACE/NAME', summary: 'a Secret of the cluster instead' },
    name: { type: 'string', valueName: 'NAME', summary: 'secrets/NAME.yaml; its own name unless given' },
    kind: {
      type: 'string',
      choices: ['Secret', 'file'],
      default: 'Secret',
      summary: 'file: as it is, with its ending',
    },
    namespace: { type: 'string', valueName: 'NAMESPACE', summary: 'namespace of the Secret' },
    force: { type: 'boolean', summary: 'replace a file; values that are the same keep their ciphertext' },
    deleteSource: { type: 'boolean', summary: 'delete the clear file when its secret is written' },
  },
  examples: [
    ['tasks secrets:import old/db-secret.yaml', 'secrets/db.yaml of the Secret db'],
    ['tasks secrets:import app.env --name app', 'secrets/app.yaml with the variables as keys'],
    ['tasks secrets:import --from-cluster web/registry', 'a Secret that somebody made by hand'],
    ['tasks secrets:import id.pem --kind file --delete-source', 'secrets/id.pem, the clear file is deleted'],
  ],
  anywhere: true,
  async run({ arguments: { file }, options, root, output, signal }) {
    expectOneSource(file, options)
    const project = secretProject({ root, output, signal })
    const { force, dryRun, deleteSource } = options
    const how = { project, force, dryRun, signal, person: operatorName(), now: new Date() }
    const imported =
      file === undefined
        ? await fromCluster(options, { root, output, how })
        : await fromFile(file, options, how)
    const people = await readPeople(project.keysFolder)
    for (const line of importLines(imported, { project, people })) output.line(line)
    const deletes = file !== undefined && deleteSource && imported.outcome !== 'not written'
    if (deletes) await rm(file)
    output.findings(imported.findings)
    if (file !== undefined && !deletes) output.findings([clearSource(file)])
    if (options.json) output.json(importJson(imported, project))
    output.next(`tasks secrets:get ${imported.name.path}`)
  },
})

type How = Parameters<typeof importSecret>[1]
interface Naming {
  name?: string
  namespace?: string
}

// Only this needs the configuration and a cluster.
async function fromCluster(
  options: Naming & { fromCluster?: string; sandbox: boolean },
  { root, output, how }: { root: string; output: Output; how: How },
): Promise<Imported> {
  const { liveSecret } = await import('../lib/addons/live-secret.ts')
  const secret = await liveSecret({ ...options, root, output, signal: how.signal })
  return importSecret(withOptions(secret, options), how)
}

async function fromFile(file: string, options: Naming & { kind: string }, how: How): Promise<Imported> {
  const bytes = await readClear(file, { secrets: how.project.folder })
  const name = options.name ?? nameFromFile(file)
  if (options.kind === 'file') return importFile(bytes, { ...how, name, file })
  return importSecret(withOptions({ name, ...(await readSource(bytes, { file })) }, options), how)
}

function withOptions<T extends { name: string }>(secret: T, { name, namespace }: Naming): T {
  return { ...secret, ...(name && { name }), ...(namespace && { namespace }) }
}

function expectOneSource(
  file: string | undefined,
  { fromCluster, kind, deleteSource }: { fromCluster?: string; kind: string; deleteSource: boolean },
): void {
  const wrong = (message: string, hint: string) => {
    throw new UsageError(message, { hint })
  }
  if (file === undefined && fromCluster === undefined)
    wrong('what is to be imported is missing', 'tasks secrets:import FILE, or --from-cluster NAMESPACE/NAME')
  if (file !== undefined && fromCluster !== undefined)
    wrong('a file and --from-cluster are two sources: give one of them', 'tasks secrets:import FILE')
  if (fromCluster !== undefined && (kind === 'file' || deleteSource))
    wrong('--kind file and --delete-source are about a file', 'tasks secrets:import FILE')
}
