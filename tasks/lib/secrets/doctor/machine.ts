import { TaskError } from '../../cli/errors.ts'
import { run } from '../../cli/process/shell.ts'
import { isInMemory, memoryPlaces } from '../edit/memory-folder.ts'
import { planSetup } from '../git/setup.ts'
import { type Check, good, missing, warning } from './check.ts'

/** sops itself, which only keys in services need. */
export async function sopsCheck({ needed }: { needed: boolean }): Promise<Check> {
  const version = await sopsVersion()
  if (version !== undefined) return sopsVersionCheck(version)
  if (!needed) return good('sops', 'not on PATH, and not needed: no file is for a key in a service')
  const detail = 'not on PATH: keys in KMS, Vault and age plugins are used by sops keyservice'
  return missing('sops', detail, 'install it: see getsops.io')
}

async function sopsVersion(): Promise<string | undefined> {
  try {
    const env = { SOPS_DISABLE_VERSION_CHECK: '1' }
    const ran = await run(['sops', '--version'], { env, allowFailure: true, timeoutSeconds: 20 })
    return /\d+\.\d+\.\d+/.exec(ran.stdout)?.[0]
  } catch (error) {
    if (error instanceof TaskError) return undefined
    throw error
  }
}

/** sops by its version: 3.13.2 takes every file with a comment in a list for changed. */
export function sopsVersionCheck(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const hint = 'install 3.13.3 or newer: see getsops.io'
  if (version === '3.13.2') return warning('sops', `${version} refuses files with a comment in a list`, hint)
  if (major < 3 || (major === 3 && minor < 9))
    return warning('sops', `${version} is old: some selectors are unknown to it`, hint)
  return good('sops', version)
}

/** Whether there is a place in memory for the editor's file. */
export function editingCheck(): Check {
  const place = memoryPlaces().find(isInMemory)
  if (place !== undefined) return good('editing', `in ${place}, which is in memory`)
  const detail = `no folder in memory (${memoryPlaces().join(', ')}): clear text never lies on a disk`
  return warning('editing', detail, 'change single values instead: tasks secrets:set NAME KEY')
}

/** Whether git merges, diffs and guards secret files here. */
export async function gitCheck(cwd: string, command: string): Promise<Check> {
  try {
    const { changes, findings } = await planSetup({ cwd, command })
    const [first] = findings
    if (first) return warning('git', first.message, first.hint)
    if (changes.length === 0) return good('git', 'merges and diffs secret files, and guards each commit')
    const detail = 'does not merge, diff and guard secret files in this clone'
    return warning('git', detail, 'tasks secrets:git-setup')
  } catch (error) {
    if (!(error instanceof TaskError)) throw error
    return good('git', 'this folder is in no git repository')
  }
}
