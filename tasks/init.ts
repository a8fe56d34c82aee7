import { existsSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { type Finding, UsageError } from './lib/cli/errors.ts'
import { packageRoot } from './lib/cli/root.ts'
import { defineTask } from './lib/cli/task.ts'
import { ask } from './lib/cli/terminal/prompts.ts'
import { loadConfig } from './lib/config/config.ts'
import { environment } from './lib/config/environment.ts'
import { moveIn } from './lib/config/moving-in/moving-in.ts'
import { addMissingLines, writeNewFile } from './lib/config/starter/new-files.ts'
import { ignoredFiles, type StarterFile, starterFiles } from './lib/config/starter/starter.ts'
import { type StarterOptions, starterAnswers } from './lib/config/starter/starter-questions.ts'

export default defineTask(import.meta, {
  group: 'start',
  summary: 'start a project: ask, then write cluster.yaml, .env and .gitignore',
  description: `
    What exists is kept. Without nodes the target is the sandbox; name them in cluster.yaml when they are there.
    --from reads the old Makefiles, inventory and variable files, and says what it could not take over.`,
  arguments: {
    folder: { summary: 'folder to write into; the current one where not given', complete: 'files' },
  },
  options: {
    from: {
      type: 'string',
      summary: 'take over a cluster: the folder with the old k8s/ and ansible/',
      valueName: 'DIR',
      complete: 'files',
    },
    domain: { type: 'string', summary: 'domain of nodes and services', valueName: 'NAME' },
    namespace: { type: 'string', summary: 'your namespace', valueName: 'NAME' },
    nodes: { type: 'list', summary: 'nodes with their addresses: kube1=192.168.1.11', valueName: 'NODE' },
    'control-planes': { type: 'list', summary: 'names of those that are control planes', valueName: 'NODE' },
    'load-balancer-range': {
      type: 'list',
      summary: 'free addresses: first-last or a subnet',
      valueName: 'RANGE',
    },
    timezone: { type: 'string', summary: 'time zone of containers', valueName: 'ZONE' },
  },
  examples: [
    ['tasks init', 'ask, then write the files'],
    ['tasks init --yes', 'take the defaults: the sandbox, to try things out'],
    [
      'tasks init lab --yes --domain home.lan --nodes kube1=192.168.1.11,kube2=192.168.1.12',
      'a cluster of two',
    ],
    ['tasks init --from ~/docker-tools', 'take over nodes, volumes and variables of the Makefile toolkit'],
  ],
  anywhere: true,
  async run({ arguments: { folder: named }, options, output }) {
    const folder = resolve(named ?? '.')
    const { files, findings } = await filesFor(folder, options)
    const outcomes = options.dryRun ? preview(folder, files) : await write(folder, files)
    output.findings(findings)
    for (const [name, outcome] of Object.entries(outcomes)) output.line(`${name}: ${outcome}`)
    if (!options.dryRun) output.findings((await loadConfig(folder)).findings)
    if (options.json) output.json({ folder, files: outcomes, ...(options.from && { findings }) })
    output.next(named === undefined ? 'tasks plan' : `cd ${named} && tasks plan`)
  },
})

async function filesFor(
  folder: string,
  options: StarterOptions & { from?: string },
): Promise<{ files: StarterFile[]; findings: Finding[] }> {
  const schema = schemaPath(folder)
  if (options.from !== undefined) {
    refuseAnswers(options)
    return moveIn(options.from, { environment: environment(), schema })
  }
  const answers = await starterAnswers(options, { ask, interactive: isTerminal() })
  return { files: starterFiles({ ...answers, schema }), findings: [] }
}

function refuseAnswers(options: StarterOptions): void {
  const names = ['domain', 'namespace', 'timezone', 'nodes', 'control-planes', 'load-balancer-range'] as const
  const given = names.find((name) => (options[name]?.length ?? 0) > 0)
  if (given === undefined) return
  const hint = 'leave one of the two away, and edit the files afterwards'
  throw new UsageError(`--${given} does not go with --from, which takes all from the old files`, { hint })
}

function isTerminal(): boolean {
  return Boolean(process.stdin.isTTY && process.stderr.isTTY)
}

function preview(folder: string, files: StarterFile[]): Record<string, string> {
  const names = [...files.map(({ name }) => name), '.gitignore']
  const isThere = (name: string) => existsSync(join(folder, name))
  return Object.fromEntries(
    names.map((name) => [
      name,
      isThere(name) && name !== '.gitignore' ? 'kept as it is' : 'would be written',
    ]),
  )
}

async function write(folder: string, files: StarterFile[]): Promise<Record<string, string>> {
  const outcomes: Record<string, string> = {}
  for (const file of files) {
    outcomes[file.name] = (await writeNewFile(folder, file)) ? 'written' : 'kept as it is'
  }
  const added = await addMissingLines(folder, { name: '.gitignore', lines: ignoredFiles })
  outcomes['.gitignore'] = added.length > 0 ? `added ${added.join(', ')}` : 'kept as it is'
  return outcomes
}

// A path that only this machine has would be wrong for everybody else who opens the file.
function schemaPath(folder: string): string | undefined {
  const path = relative(folder, join(packageRoot(), 'docs/cluster.schema.json'))
  return path.startsWith('..') ? undefined : `./${path}`
}
