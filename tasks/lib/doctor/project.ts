import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { TaskError } from '../cli/errors.ts'
import { lastRun } from '../cli/plan/last-run.ts'
import { installHint } from '../cli/process/install-hints.ts'
import { loadConfig } from '../config/config.ts'
import type { Config } from '../config/model.ts'
import { findOnPath } from './machine.ts'
import { type Result, resultsOf } from './result.ts'

/** The configuration with all that is to be said of it; undefined where it has errors. */
export async function configResults(
  root: string,
  environment?: Readonly<Record<string, string | undefined>>,
): Promise<{ config?: Config; results: Result[] }> {
  try {
    const config = await loadConfig(root, { environment })
    const { cluster, configured } = config
    const what = configured
      ? `cluster ${cluster.name}: `
      : 'no nodes are configured: the target is the sandbox, '
    const detail = `${what}${cluster.nodes.map(({ name }) => name).join(' ')}`
    const all: Result = { name: 'configuration', state: 'good', detail }
    return { config, results: [all, ...resultsOf(config.findings, 'configuration')] }
  } catch (error) {
    if (!(error instanceof TaskError)) throw error
    return { results: resultsOf(error.findings, 'configuration') }
  }
}

/** The editor that the configuration names. */
export function editorResult({ variables }: Pick<Config, 'variables'>, path: string): Result {
  const { value = '', origin = 'default' } = variables.get('EDITOR') ?? {}
  const [program = ''] = value.trim().split(/\s+/)
  const file = findOnPath(program, path)
  if (file !== undefined) return { name: 'EDITOR', state: 'good', detail: file }
  const detail = `${program} is not on PATH (${origin})`
  const hint = `${installHint(program)}; or set EDITOR in .env, for example EDITOR=nano`
  return { name: 'EDITOR', state: 'warning', detail, hint }
}

/** The folder of journals and caches. */
export function folderResult(root: string): Result {
  const folder = join(root, '.tasks')
  const isThere = existsSync(folder)
  const name = '.tasks'
  if (isThere && !statSync(folder).isDirectory()) {
    return { name, state: 'missing', detail: 'is a file, not a folder', hint: `mv ${folder} ${folder}.old` }
  }
  try {
    accessSync(isThere ? folder : root, constants.W_OK)
    return { name, state: 'good', detail: isThere ? 'may be written' : 'made when it is needed' }
  } catch {
    const hint = `see who may: ls -ld ${isThere ? folder : root}`
    return { name, state: 'missing', detail: 'may not be written: no run is recorded', hint }
  }
}

/** How the last run ended. */
export function journalResult(root: string): Result {
  const run = lastRun(root)
  const name = 'last run'
  if (!run) return { name, state: 'good', detail: 'none recorded yet' }
  const { task, outcome, startedAt, changesDone, changes, stoppedAt } = run
  const what = `tasks ${task} at ${startedAt.slice(0, 16).replace('T', ' ')}`
  if (outcome === 'done') return { name, state: 'good', detail: `${what} ended well` }
  const at = stoppedAt === undefined ? '' : ` at ${stoppedAt}`
  const ended = outcome === 'failed' ? 'failed' : 'was interrupted'
  const detail = `${what} ${ended}${at}, ${changesDone} of ${changes} changes done`
  return { name, state: 'warning', detail, hint: `go on with: tasks ${task}` }
}
