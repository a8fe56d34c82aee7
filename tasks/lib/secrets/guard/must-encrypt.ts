import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { environment } from '../../config/environment.ts'
import type { Rule } from '../rules/rule-file.ts'
import type { Rules } from '../rules/rules.ts'
import type { Selector } from '../tree/selector.ts'

/** What the creation rules want encrypted of a file; undefined where they ask for nothing. */
export type SelectorFor = (path: string) => Selector | undefined

/**
 * Asks the nearest .sops.yaml above each of these files; paths are relative to `top`. A rule without a path_regex says
 * how to encrypt and not what: it asks for nothing.
 */
export async function mustBeEncrypted(
  files: { path: string }[],
  { top }: { top: string },
): Promise<SelectorFor> {
  const { SOPS_CONFIG: config } = environment()
  const folderFor = config ? () => top : nearestWithRules(top)
  const folders = new Set(files.map(({ path }) => folderFor(dirname(path))))
  const rules = await rulesOf([...folders], { config })
  const selectors = new Map<Rule, Selector>()
  return (path) => {
    const rule = rules.get(folderFor(dirname(path)))?.ruleFor(join(top, path))
    if (!rule?.pathRegex) return undefined
    if (!selectors.has(rule)) selectors.set(rule, rule.selector())
    return selectors.get(rule)
  }
}

// Above the repository a .sops.yaml is not looked for: the guard has to say the same in CI. Each folder is asked once.
function nearestWithRules(top: string): (folder: string) => string | undefined {
  const known = new Map<string, string | undefined>()
  const nearest = (folder: string): string | undefined => {
    if (known.has(folder)) return known.get(folder)
    const path = join(top, folder)
    const above = () => (folder === '.' ? undefined : nearest(dirname(folder)))
    const found = existsSync(join(path, '.sops.yaml')) ? path : above()
    known.set(folder, found)
    return found
  }
  return nearest
}

async function rulesOf(
  folders: (string | undefined)[],
  { config }: { config?: string },
): Promise<Map<string | undefined, Rules | undefined>> {
  const present = folders.filter((folder) => folder !== undefined)
  if (present.length === 0) return new Map()
  const { findRules } = await import('../rules/rules.ts')
  const found = present.map(async (folder) => [folder, await findRules(folder, { config })] as const)
  return new Map(await Promise.all(found))
}
