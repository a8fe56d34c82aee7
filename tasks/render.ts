import { buffer } from 'node:stream/consumers'
import { manifestsArgument, valueOptions } from './lib/addons/manifest-options.ts'
import { throwOnErrors } from './lib/cli/errors.ts'
import { packageRoot } from './lib/cli/root.ts'
import { defineTask } from './lib/cli/task.ts'
import { loadConfig } from './lib/config/config.ts'
import { exampleOf } from './lib/config/variables/variable-table.ts'
import { explain } from './lib/manifest/explain.ts'
import { findManifests } from './lib/manifest/files.ts'
import { loadManifests } from './lib/manifest/manifest.ts'
import type { Mode } from './lib/manifest/mode.ts'
import { printJson, printYaml } from './lib/manifest/print.ts'

export default defineTask(import.meta, {
  group: 'manifests',
  summary: 'print the objects of manifests, variables substituted',
  description:
    'Sends nothing anywhere. NAME is manifests/NAME.yaml; a path is a file, a folder, or - for stdin.',
  arguments: {
    manifests: manifestsArgument,
  },
  options: {
    output: {
      type: 'string',
      short: 'o',
      choices: ['yaml', 'json'],
      default: 'yaml',
      summary: 'yaml stream, or one List',
    },
    ...valueOptions,
    explain: { type: 'boolean', summary: 'say where each object and each value is from' },
  },
  examples: [
    ['tasks render web', 'print what manifests/web.yaml makes with your variables'],
    ['tasks render web --explain', 'with file, line and variables above each object'],
    ['tasks render old/ --vars old.env --subst strict -o json', 'one List of a folder outside the project'],
  ],
  anywhere: true,
  async run({ arguments: { manifests: asked }, options, root, output }) {
    const config = await loadConfig(root, { varsFile: options.vars, onlyVariables: true })
    const { variables, environmentVariables: environment } = config
    const found = await findManifests(asked, {
      root,
      packageRoot: packageRoot(),
      stdin: () => buffer(process.stdin),
    })
    const files = found.manifests.flatMap((manifest) => manifest.files)
    const loaded = loadManifests(files, {
      variables,
      environment,
      mode: options.subst as Mode | undefined,
      exampleOf,
      mayLackName: true,
    })
    const findings = [...config.findings, ...found.findings, ...loaded.findings]
    throwOnErrors(findings)
    output.findings(findings)
    const known = new Map([...environment, ...variables])
    const comments = options.explain ? loaded.objects.map((object) => explain(object, known)) : []
    const objects = loaded.objects.map(({ object }) => object)
    if (options.json || options.output === 'json') {
      for (const line of comments.flat()) output.line(line)
      output.data(printJson(objects), { unredacted: true })
    } else output.data(printYaml(objects, comments), { unredacted: true })
  },
})
