import { sep } from 'node:path'
import { TaskError } from '../../cli/errors.ts'
import { checkRecipient } from '../keys/age/recipient.ts'
import { KeyError } from '../keys/key-source.ts'
import type { SecretProject } from '../project.ts'
import type { Rule } from '../rules/rule-file.ts'
import { findRules, type Rules } from '../rules/rules.ts'
import { type Check, checksOf, good, missing, warning } from './check.ts'
import type { Files } from './files.ts'

/** The .sops.yaml that counts: its typing errors, rules that cannot be used, files that no rule takes. */
export async function ruleChecks(
  project: SecretProject,
  options: { sealed: Files['sealed']; config?: string },
): Promise<Check[]> {
  const checks = await checksOfRules(project, options)
  const folder = `${project.root}${sep}`
  return checks.map((check) => ({ ...check, name: check.name.replace(folder, '') }))
}

async function checksOfRules(
  { root, folder }: SecretProject,
  { sealed, config }: { sealed: Files['sealed']; config?: string },
): Promise<Check[]> {
  try {
    const rules = (await findRules(root, { config })) ?? (await findRules(folder))
    if (!rules) return [noRules]
    const name = rules.file
    const unusable = (await Promise.all(rules.rules.map((rule) => usable(rule, name)))).flat()
    const checks = [...checksOf(rules.findings, { name }), ...unusable]
    const all = checks.length === 0 ? [good(name, countText(rules))] : []
    return [...all, ...checks, ...(await unruled(rules, sealed))]
  } catch (error) {
    return failure('.sops.yaml', error)
  }
}

// Its fields, and then each recipient: sops finds a wrong one only when it encrypts.
async function usable(rule: Rule, file: string): Promise<Check[]> {
  const wrong = attempt(file, () => rule.policy())
  if (wrong.length > 0) return wrong
  const keys = rule.policy().groups.flat()
  const refused = keys.map(async (key) => {
    if (key.type !== 'age') return []
    const error = await checkRecipient(key.recipient).then(
      () => undefined,
      (reason: unknown) => reason,
    )
    if (error === undefined) return []
    if (!(error instanceof KeyError)) throw error
    return [missing(`${file}:${rule.line}`, error.message, error.hint)]
  })
  return (await Promise.all(refused)).flat()
}

function countText({ rules }: Rules): string {
  return rules.length === 1
    ? 'one creation rule'
    : `${rules.length} creation rules, the first that matches counts`
}

const noRules: Check = warning(
  '.sops.yaml',
  'there is none: nothing says for whom new files are encrypted',
  'tasks secrets:key',
)

async function unruled(rules: Rules, sealed: Files['sealed']): Promise<Check[]> {
  const checks = sealed.map(async ({ file, shown }) => {
    const path = await rules.pathOf(file)
    const found = attempt(shown, () => rules.ruleFor(path))
    if (found.length > 0 || rules.ruleFor(path)) return found
    return [warning(shown, 'no creation rule takes it', 'widen a path_regex in .sops.yaml')]
  })
  return (await Promise.all(checks)).flat()
}

function attempt(name: string, work: () => unknown): Check[] {
  try {
    work()
    return []
  } catch (error) {
    return failure(name, error)
  }
}

function failure(name: string, error: unknown): Check[] {
  if (!(error instanceof TaskError)) throw error
  return checksOf(error.findings, { name })
}
