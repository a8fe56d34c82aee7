import type { Config } from '../config/model.ts'
import { exampleOf } from '../config/variables/variable-table.ts'
import { manifestNames } from '../manifest/build/folders.ts'
import { findManifests } from '../manifest/files.ts'
import { loadManifests } from '../manifest/manifest.ts'
import { type Result, resultsOf } from './result.ts'

/** Whether every variable that a manifest names is set, and every manifest can be read. */
export async function manifestResults(config: Config, packageRoot: string): Promise<Result[]> {
  const { root, variables, environmentVariables: environment } = config
  const names = await manifestNames([root])
  if (names.length === 0) return []
  const stdin = () => Promise.resolve(Buffer.alloc(0))
  const found = await findManifests(names, { root, packageRoot, stdin })
  const files = found.manifests.flatMap((manifest) => manifest.files)
  const loaded = loadManifests(files, { variables, environment, exampleOf })
  const errors = [...found.findings, ...loaded.findings].filter(({ severity }) => severity === 'error')
  if (errors.length > 0) return resultsOf(errors, 'manifests')
  const count = `${files.length} ${files.length === 1 ? 'file' : 'files'}`
  const detail = `${count}, all variables set; tasks validate checks them in full`
  return [{ name: 'manifests', state: 'good', detail }]
}
