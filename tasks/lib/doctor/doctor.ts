import { packageRoot } from '../cli/root.ts'
import { environment } from '../config/environment.ts'
import { clusterResults } from './cluster.ts'
import { hostsResults } from './hosts.ts'
import { machineResults } from './machine.ts'
import { manifestResults } from './manifests.ts'
import { sandboxNeeds, waysHere } from './programs.ts'
import { configResults, editorResult, folderResult, journalResult } from './project.ts'
import type { Result, Section } from './result.ts'
import { sandboxResult } from './sandbox.ts'
import { secretsResult } from './secrets.ts'

/** Looks at all that tasks need; changes nothing. `root` is undefined outside any project. */
export async function examine(root: string | undefined, signal: AbortSignal): Promise<Section[]> {
  const now = new Date()
  const path = environment().PATH ?? ''
  const machine = machineResults({
    path,
    nodeVersion: process.versions.node,
    packageRoot: packageRoot(),
    now,
  })
  if (root === undefined) {
    const needs = await sandboxNeeds(waysHere({ signal }), { isNeeded: true })
    return [section('machine', machine), section('sandbox', needs), section('project', [noProject])]
  }
  const { config, results } = await configResults(root)
  const folder = config?.variables.get('SANDBOX_BIN')?.value || undefined
  const isNeeded = !config?.configured
  const sandbox = [
    ...(await sandboxNeeds(waysHere({ folder, signal }), { isNeeded })),
    await sandboxResult(root),
  ]
  const ofConfig = config
    ? [editorResult(config, path), ...(await manifestResults(config, packageRoot()))]
    : []
  const [cluster, hosts] = config?.configured
    ? await Promise.all([clusterResults(config, { signal, now }), hostsResults(config, signal)])
    : [[], []]
  return [
    section('machine', machine),
    section('sandbox', sandbox),
    section('project', [
      ...results,
      ...ofConfig,
      ...(await secretsResult(root, signal)),
      folderResult(root),
      journalResult(root),
    ]),
    section('hosts', hosts),
    section('cluster', cluster),
  ]
}

const noProject: Result = {
  name: 'project',
  state: 'missing',
  detail: 'this folder and its parents have no cluster.yaml, .env or manifests/',
  hint: 'tasks init',
}

function section(title: string, results: Result[]): Section {
  return { title, results }
}
