import type { Plan, Step } from '../../cli/change.ts'
import { UsageError } from '../../cli/errors.ts'
import { readPeople } from '../keys/people.ts'
import type { SecretProject } from '../project.ts'
import type { Rules } from '../rules/rules.ts'
import { parallelFiles, planFor, rulesOf, sealedFiles, withPolicies } from './chosen-files.ts'
import { leftoverStep, withoutEmpty } from './leftover-step.ts'
import { readableStep, readableWords } from './readable-values.ts'
import type { Rekeying, Scene } from './rekey-change.ts'
import { rekeyChanges } from './rekey-changes.ts'
import { peopleStep, rulesStep } from './rules-step.ts'
import { isOf, somebody } from './somebody.ts'
import { expectRecipients, isConcerned, renewed, type Turnover } from './wanted.ts'

/** What `tasks secrets:rotate` takes. */
export interface Rotation {
  /** Files; all of them where none is named. */
  names: string[]
  /** Names of people, or recipients. */
  remove: string[]
  add: string[]
  /** Also make each file what .sops.yaml says. */
  followRules: boolean
}

/** The plan that renews data keys: of all files, or where somebody goes or comes of those that it concerns. */
export async function rotatePlan(rotation: Rotation, { project }: { project: SecretProject }): Promise<Plan> {
  const people = await readPeople(project.keysFolder)
  const turnover = {
    removed: rotation.remove.map((who) => somebody(who, people)),
    added: rotation.add.map((who) => somebody(who, people)),
  }
  const isTurnover = turnover.removed.length + turnover.added.length > 0
  if (isTurnover) expectAlone(rotation)
  const rules = rotation.followRules || isTurnover ? await rulesOf(project) : await project.rules()
  const { files, findings } = await renewedFiles(rotation, { project, turnover, rules })
  const concerned = isTurnover ? files.filter(isConcerned) : files
  expectRecipients(concerned, turnover)
  const scene = { project, people, rules, now: new Date() }
  const dataKeys = await dataKeyStep(files, { concerned, scene })
  const sealed = files.map((file) => file.sealed)
  const leftovers = await leftoverStep(sealed, scene)
  if (!isTurnover) return { ...planFor(project), steps: withoutEmpty([leftovers, dataKeys]), findings }
  const readable = readableBy(turnover, { concerned, project })
  // The rules first: what is encrypted from then on is right. The names last: a run that was stopped needs them.
  const steps = [
    leftovers,
    ...readable.steps,
    await rulesStep(turnover, { rules: rules!, files: sealed, project }),
    dataKeys,
    peopleStep(turnover, project),
  ]
  return {
    ...planFor(project),
    ...(readable.next && { next: readable.next }),
    steps: withoutEmpty(steps),
    findings: [...findings, ...readable.findings],
  }
}

// Whoever leaves, leaves all files, those that no rule takes as well.
function expectAlone({ names, followRules }: Rotation): void {
  if (names.length > 0)
    throw new UsageError('--remove and --add are about all files, and about .sops.yaml', {
      hint: `for some files only: change .sops.yaml, then tasks secrets:updatekeys ${names.join(' ')}`,
    })
  if (followRules)
    throw new UsageError('--recipients follows .sops.yaml as it is, --remove and --add change it', {
      hint: 'one after the other: tasks secrets:rotate --remove NAME, then tasks secrets:updatekeys',
    })
}

async function renewedFiles(
  { names, followRules }: Rotation,
  { project, turnover, rules }: { project: SecretProject; turnover: Turnover; rules: Rules | undefined },
) {
  const { sealed, findings } = await sealedFiles(names, project)
  if (!followRules) return { files: sealed.map((file) => renewed(file, { turnover })), findings }
  const ruled = await withPolicies(sealed, { rules: rules!, named: names.length > 0 })
  return {
    files: ruled.files.map((file) => renewed(file.sealed, { turnover, policy: file.policy })),
    findings: [...findings, ...ruled.findings],
  }
}

async function dataKeyStep(
  files: Rekeying[],
  { concerned, scene }: { concerned: Rekeying[]; scene: Scene },
): Promise<Step> {
  const changes = await rekeyChanges(concerned, scene)
  const changing = new Set(concerned)
  const unchanged = files
    .filter((file) => !changing.has(file))
    .map(({ sealed: { shown } }) => ({ target: shown, verify: async () => {} }))
  return { name: 'data-keys', title: 'Data keys', waves: [{ changes, parallel: parallelFiles }], unchanged }
}

function readableBy(
  { removed }: Turnover,
  { concerned, project: { root } }: { concerned: Rekeying[]; project: SecretProject },
) {
  const lists = removed.map((who) => {
    const files = concerned
      .map(({ sealed }) => sealed)
      .filter(({ document }) => document.metadata.groups.flat().some((key) => isOf(who, key)))
    return { who, files }
  })
  const words = lists.map(({ who, files }) => readableWords(files, { name: who.name, root }))
  return {
    steps: lists.map(({ who, files }) => readableStep(files, { name: who.name, root })),
    findings: words.flatMap(({ findings }) => findings),
    next: words.find(({ next }) => next)?.next,
  }
}
