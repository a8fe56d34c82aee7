import { basename } from 'node:path'
import type { Plan } from '../../cli/change.ts'
import type { Finding } from '../../cli/errors.ts'
import { SecretError } from '../errors.ts'
import type { SecretProject } from '../project.ts'
import type { Policy } from '../rules/policy.ts'
import type { Rules } from '../rules/rules.ts'
import { type SealedFile, standingOf } from '../survey/standing.ts'
import { onlySealed } from './open-all.ts'

/** How many files are written side by side. */
export const parallelFiles = 8

/** What the plans about secret files have in common: they touch files only. */
export function planFor({ root }: SecretProject): Pick<Plan, 'target' | 'next'> {
  return { target: `secrets of ${basename(root)}`, next: 'tasks secrets:list' }
}

/** The encrypted files that are named, else all; what is not encrypted among the latter is told of. */
export async function sealedFiles(names: string[], project: SecretProject) {
  const files =
    names.length > 0 ? await Promise.all(names.map((name) => project.find(name))) : await project.list()
  const standings = await Promise.all([...new Set(files)].map((file) => standingOf(file, project)))
  return onlySealed(standings, { named: names.length > 0 })
}

/** The rules of a project. Throws a SecretError where there are none. */
export async function rulesOf(project: SecretProject): Promise<Rules> {
  const rules = await project.rules()
  if (rules) return rules
  throw new SecretError('there is no .sops.yaml that says who the recipients are', {
    code: 'configNotFound',
    hint: 'create a key and the rules: tasks secrets:key',
  })
}

/** A file with the policy that its creation rule says. */
export interface Ruled {
  sealed: SealedFile
  policy: Policy
}

/** Files with their policies; one that no rule takes is told of, or refused where it was asked for by name. */
export async function withPolicies(
  sealed: SealedFile[],
  { rules, named }: { rules: Rules; named: boolean },
): Promise<{ files: Ruled[]; findings: Finding[] }> {
  const findings: Finding[] = []
  const files: Ruled[] = []
  for (const each of sealed) {
    const path = await rules.pathOf(each.file)
    if (named || rules.ruleFor(path)) files.push({ sealed: each, policy: rules.policyFor(path) })
    else {
      const hint = `add a rule to ${rules.file} whose path_regex matches it`
      findings.push({
        severity: 'warning',
        message: 'is left as it is: no creation rule is for it',
        file: each.shown,
        hint,
      })
    }
  }
  return { files, findings }
}
