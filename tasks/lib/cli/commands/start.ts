import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { findProjectRoot, packageInfo, packageRoot } from '../root.ts'
import { discoverTasks, isBundled } from './discover.ts'
import { isStale } from './freshness.ts'
import { taskList } from './list.ts'

/**
 * The front of `tasks`: gives the exit code. The list and the version are answered here, because a start that loads
 * what the tasks load takes several times as long; everything else is main's, loaded when called.
 */
export async function start(argv: string[]): Promise<number> {
  if (isBundled && hasSources() && isStale(packageRoot())) return startFromSources(argv)
  if (argv.length === 0) return say(taskList(discoverTasks(findProjectRoot(process.cwd()))))
  if (argv.length === 1 && argv[0] === '--version') return say(`${packageInfo().version}\n`)
  const { main } = await import('./main.ts')
  return main(argv)
}

function hasSources(): boolean {
  return existsSync(join(packageRoot(), 'tasks', 'index.ts'))
}

// A clone that was edited or pulled after its build runs its sources, a second slower, until `npm run build`.
// Building here instead would write into dist/ while another `tasks` reads it.
async function startFromSources(argv: string[]): Promise<number> {
  const { register } = await import('tsx/esm/api')
  register()
  const front = join(packageRoot(), 'tasks', 'lib', 'cli', 'commands', 'start.ts')
  const sources: typeof import('./start.ts') = await import(pathToFileURL(front).href)
  return sources.start(argv)
}

function say(text: string): number {
  process.stdout.on('error', ignoreClosedPipe)
  process.stdout.write(text)
  return 0
}

// `tasks | head -1` closes our stdout early; that is no failure.
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error
}
