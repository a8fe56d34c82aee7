import type { Finding } from '../../cli/errors.ts'
import type { Person } from '../keys/people.ts'
import { recipientsText } from './recipient-text.ts'
import type { Survey, Surveyed } from './survey.ts'

const day = 24 * 60 * 60 * 1000
const soonDays = 30

/** What is wrong among the secrets, with the command that mends it. Errors and warnings make --check fail. */
export function surveyFindings(
  { files, others }: Survey,
  { people, now, shown }: { people: Person[]; now: Date; shown(file: string): string },
): Finding[] {
  return [
    ...others.flatMap(({ error }) => error.findings),
    ...files.flatMap((file) => fileFindings(file, people)),
    ...people.flatMap((person) => personFindings(person, { now, file: shown(person.file) })),
  ]
}

function fileFindings({ sealed, mac, drift, selectorDiffers, ruled }: Surveyed, people: Person[]): Finding[] {
  const file = sealed.shown
  const warning = (message: string, hint?: string): Finding => ({ severity: 'warning', message, file, hint })
  return [
    ...(mac?.state === 'wrong' ? mac.error!.findings : []),
    ...(mac?.state === 'unread' ? [note('was not checked: none of its keys is at hand', file)] : []),
    ...(drift ? [warning(driftText(drift, people), 'tasks secrets:updatekeys')] : []),
    ...(selectorDiffers
      ? [
          warning(
            'its creation rule would have other values encrypted',
            `tasks secrets:rotate ${file} --recipients`,
          ),
        ]
      : []),
    ...(ruled ? [] : [note('no creation rule of .sops.yaml is for it', file)]),
  ]
}

/** "carol should not read it; dave cannot yet" */
export function driftText(
  { extra, missing, regrouped }: NonNullable<Surveyed['drift']>,
  people: Person[],
): string {
  return [
    extra.length > 0 && `${recipientsText(extra, people)} should not read it`,
    missing.length > 0 && `${recipientsText(missing, people)} cannot read it yet`,
    regrouped && 'its key groups are others than in .sops.yaml',
  ]
    .filter(Boolean)
    .join('; ')
}

function personFindings(
  { name, problem, expires }: Person,
  { now, file }: { now: Date; file: string },
): Finding[] {
  const hint = `a new key of ${name}: tasks secrets:key --name ${name}`
  if (problem) {
    const severity = problem.includes('private key') ? 'error' : 'warning'
    return [{ severity, message: problem, file, ...(problem.startsWith('the key') && { hint }) }]
  }
  if (!expires || expires.getTime() - now.getTime() > soonDays * day) return []
  return [note(`the key of ${name} ends on ${expires.toISOString().slice(0, 10)}`, file, hint)]
}

function note(message: string, file: string, hint?: string): Finding {
  return { severity: 'note', message, file, ...(hint && { hint }) }
}
