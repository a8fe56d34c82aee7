import { join } from 'node:path'
import type { Finding } from '../../cli/errors.ts'
import { attributesChange } from './attributes.ts'
import { configChanges } from './config.ts'
import { hookChange } from './hook.ts'
import type { SetupChange } from './setup-change.ts'
import { topFolder } from './top.ts'

export interface SetupOptions {
  cwd: string
  /** How a shell starts `tasks` on this machine. */
  command: string
  undo?: boolean
}

/** What is to be done so that git merges, diffs and guards secret files; nothing where all of it is in place. */
export async function planSetup(
  options: SetupOptions,
): Promise<{ changes: SetupChange[]; findings: Finding[] }> {
  const { cwd } = options
  const top = await topFolder(cwd)
  const setup = { ...options, top }
  const [attributes, config, hook] = await Promise.all([
    attributesChange(join(top, '.gitattributes'), setup),
    configChanges(setup),
    hookChange(setup),
  ])
  return { changes: [...attributes, ...config, ...hook.changes], findings: hook.findings }
}
