import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { valueOptions } from './lib/addons/manifest-options.ts'
import { UsageError } from './lib/cli/errors.ts'
import { packageRoot } from './lib/cli/root.ts'
import { defineTask } from './lib/cli/task.ts'
import { loadConfig } from './lib/config/config.ts'
import { exampleOf } from './lib/config/variables/variable-table.ts'
import { manifestNames } from './lib/manifest/build/folders.ts'
import { findManifests } from './lib/manifest/files.ts'
import { loadManifests } from './lib/manifest/manifest.ts'
import type { Mode } from './lib/manifest/mode.ts'
import { validate } from './lib/manifest/validate.ts'
import { importedDefinitions } from './lib/manifest/validation/definitions.ts'
import { verdict } from './lib/manifest/validation/summary.ts'

export default defineTask(import.meta, {
  group: 'manifests',
  summary: 'check manifests without asking a server',
  description:
    'Types and required fields as the API server of your version knows them, custom resources by their definitions, names, references between fields, removed APIs. Without a name: every manifest of the project, as one set. Ends 1 when there is an error, 0 with warnings.',
  arguments: { manifests: { summary: 'names, files or folders', many: true, complete: 'manifests' } },
  options: {
    ...valueOptions,
    'kubernetes-version': { type: 'string', valueName: 'VERSION', summary: "instead of the project's: 1.35" },
  },
  examples: [
    ['tasks validate web', 'check what manifests/web.yaml makes with your variables'],
    ['tasks validate', 'check every manifest of the project'],
    [
      'tasks validate upstream/ --kubernetes-version 1.35',
      'see whether a folder would be accepted by another version',
    ],
  ],
  anywhere: true,
  async run({ arguments: { manifests: asked }, options, root, output }) {
    const config = await loadConfig(root, { varsFile: options.vars })
    const kubernetesVersion = versionOf(options['kubernetes-version'] ?? config.cluster.kubernetesVersion)
    const where = { root, packageRoot: packageRoot(), stdin: () => buffer(process.stdin) }
    const found = await findManifests(asked.length > 0 ? asked : await allManifests(root), where)
    const files = found.manifests.flatMap((manifest) => manifest.files)
    const { variables, environmentVariables: environment } = config
    const loaded = loadManifests(files, { variables, environment, mode: options.subst as Mode, exampleOf })
    const checked = validate(loaded.objects, {
      kubernetesVersion,
      imports: await importedDefinitions(where),
      ownFiles: new Set(files.filter(({ thirdParty }) => !thirdParty).map(({ path }) => path)),
      ownNamespace: variables.get('K8S_NAMESPACE')?.value,
    })
    const findings = [...config.findings, ...found.findings, ...loaded.findings, ...checked]
    const counts = { objects: loaded.objects.length, files: files.length }
    if (options.json) output.json({ kubernetesVersion, ...counts, findings })
    else output.findings(findings)
    output.line(verdict(findings, counts))
    return findings.some(({ severity }) => severity === 'error') ? 1 : 0
  },
})

function versionOf(text: string): string {
  const [, version] = /^v?(1\.\d+(?:\.\d+)?)$/.exec(text) ?? []
  if (version) return version
  throw new UsageError(`--kubernetes-version ${text}: expected a version`, {
    hint: 'for example 1.36 or 1.36.3',
  })
}

async function allManifests(root: string): Promise<string[]> {
  const imports = join(root, 'manifests', 'imports')
  const names = [...(await manifestNames([root])), ...(existsSync(imports) ? [imports] : [])]
  if (names.length > 0) return names
  throw new UsageError('this project has no manifests', {
    hint: 'name a file, a folder or a manifest to check',
  })
}
