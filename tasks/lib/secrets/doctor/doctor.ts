import { environment } from '../../config/environment.ts'
import { recipientKind } from '../keys/age/recipient.ts'
import { type Person, readPeople } from '../keys/people.ts'
import { keyPlaces } from '../keys/places.ts'
import type { SecretProject } from '../project.ts'
import { surveyFindings } from '../survey/survey-findings.ts'
import { type Check, checksOf, type Section } from './check.ts'
import { type Files, fileChecks, openedChecks, readFiles } from './files.ts'
import { gpgChecks } from './gpg.ts'
import { keyChecks } from './keys.ts'
import { editingCheck, gitCheck, sopsCheck } from './machine.ts'
import { ruleChecks } from './rules.ts'

export interface Examination {
  project: SecretProject
  /** Names of files to open; without any, all files are looked at and none is opened. */
  named: string[]
  /** How a shell starts `tasks`: what .git/config should say. */
  command: string
  /** Whether somebody sits at a terminal. */
  terminal: boolean
  now: Date
  signal: AbortSignal
}

/** Looks at keys, people, rules, files and programs. Changes nothing, decrypts only the files that are named. */
export async function examineSecrets(examination: Examination): Promise<Section[]> {
  const { project, named, command, terminal, signal } = examination
  const places = keyPlaces({ publicKeys: [project.keysFolder], signal })
  const [files, people] = await Promise.all([readFiles(named, project), readPeople(project.keysFolder)])
  const pgp = has(files, 'pgp') || people.some(({ keys }) => keys.some(({ type }) => type === 'pgp'))
  const { sealed } = files
  const opened =
    named.length > 0 ? openedChecks(files, { project, people }) : fileChecks(files, { places, people })
  return [
    { title: 'keys', results: await keyChecks(places, { people, pgp, files: sealed.length }) },
    { title: 'people', results: peopleChecks(people, examination) },
    { title: 'rules', results: await ruleChecks(project, { sealed, config: environment().SOPS_CONFIG }) },
    { title: 'files', results: await opened },
    {
      title: 'programs',
      results: [
        ...(await gpgChecks(places, { needed: pgp, terminal })),
        await sopsCheck({ needed: needsService(files) }),
        editingCheck(),
        await gitCheck(project.root, command),
      ],
    },
  ]
}

// Keys that have ended, are weak, or are no public keys at all.
function peopleChecks(people: Person[], { project, now }: Examination): Check[] {
  const findings = surveyFindings({ files: [], others: [] }, { people, now, shown: project.shown })
  const ended = checksOf(findings, { name: 'secrets/keys', notes: true }).map((check) =>
    check.state === 'good' ? { ...check, state: 'warning' as const } : check,
  )
  const names = people.map(({ name }) => name)
  return names.length > 0 ? [{ name: 'secrets/keys', state: 'good', detail: names.join(', ') }, ...ended] : []
}

function has({ sealed }: Files, type: string): boolean {
  return sealed.some(({ document }) => document.metadata.groups.flat().some((key) => key.type === type))
}

function needsService({ sealed }: Files): boolean {
  return sealed.some(({ document }) =>
    document.metadata.groups.every((group) =>
      group.every(
        (key) => key.type !== 'pgp' && (key.type !== 'age' || recipientKind(key.recipient) === 'plugin'),
      ),
    ),
  )
}
