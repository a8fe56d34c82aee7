import type { Plan } from '../../cli/change.ts'
import type { Finding } from '../../cli/errors.ts'
import { readPeople } from '../keys/people.ts'
import type { SecretProject } from '../project.ts'
import { isReduced, recipientDrift, selectorDiffers } from '../survey/drift.ts'
import { parallelFiles, planFor, type Ruled, rulesOf, sealedFiles, withPolicies } from './chosen-files.ts'
import { leftoverStep, withoutEmpty } from './leftover-step.ts'
import type { Rekeying } from './rekey-change.ts'
import { rekeyChanges } from './rekey-changes.ts'

/** The plan that gives files the recipients that .sops.yaml says: those named, else all. */
export async function updatePlan(names: string[], { project }: { project: SecretProject }): Promise<Plan> {
  const rules = await rulesOf(project)
  const people = await readPeople(project.keysFolder)
  const { sealed, findings } = await sealedFiles(names, project)
  const ruled = await withPolicies(sealed, { rules, named: names.length > 0 })
  const drifted = ruled.files.filter(({ sealed, policy }) => recipientDrift(sealed.document.metadata, policy))
  const scene = { project, people, rules, now: new Date() }
  const changes = await rekeyChanges(drifted.map(rekeyingOf), scene)
  const unchanged = ruled.files
    .filter((file) => !drifted.includes(file))
    .map(({ sealed: { shown } }) => ({ target: shown, verify: async () => {} }))
  const waves = [{ changes, parallel: parallelFiles }]
  const steps = [
    await leftoverStep(sealed, scene),
    { name: 'recipients', title: 'Recipients', waves, unchanged },
  ]
  return {
    ...planFor(project),
    steps: withoutEmpty(steps),
    findings: [...findings, ...ruled.findings, ...selectorFindings(ruled.files)],
  }
}

function rekeyingOf({ sealed, policy }: Ruled): Rekeying {
  const { metadata } = sealed.document
  const { groups, threshold } = policy
  // sops would keep the data key, which whoever was taken out may have kept as well.
  return { sealed, sealing: { ...metadata, groups, threshold }, renew: isReduced(metadata, policy) }
}

function selectorFindings(files: Ruled[]): Finding[] {
  const differing = files.filter(({ sealed, policy }) => selectorDiffers(sealed.document, policy))
  return differing.map(({ sealed: { shown } }) => ({
    severity: 'note',
    message: 'its creation rule would have other values encrypted; that stays as it is',
    file: shown,
    hint: `to follow the rule: tasks secrets:rotate ${shown} --recipients`,
  }))
}
