import { TaskError } from '../../cli/errors.ts'
import { openDocument } from '../engine.ts'
import type { KeyPlaces } from '../keys/key-source.ts'
import type { Person } from '../keys/people.ts'
import type { SecretProject } from '../project.ts'
import { type Opens, opener } from '../survey/opens.ts'
import { accessText, recipientsText } from '../survey/recipient-text.ts'
import { type OtherFile, type SealedFile, standingOf } from '../survey/standing.ts'
import { type Check, checksOf, good, missing } from './check.ts'

/** The secret files that are looked at, read and not opened. */
export interface Files {
  sealed: SealedFile[]
  others: OtherFile[]
}

/** Reads the files with these names, or all of the project. Throws a SecretError for a name that is none. */
export async function readFiles(named: string[], project: SecretProject): Promise<Files> {
  const paths = named.length > 0 ? await Promise.all(named.map(project.find)) : await project.list()
  const standings = await Promise.all(paths.map((path) => standingOf(path, project)))
  return {
    sealed: standings.filter((standing) => standing.state === 'sealed'),
    others: standings.filter((standing) => standing.state !== 'sealed'),
  }
}

/** Whether the files open here. All of them: by the public parts of the keys at hand. */
export async function fileChecks(
  { sealed, others }: Files,
  { places, people }: { places: KeyPlaces; people: Person[] },
): Promise<Check[]> {
  const opens = await opener(
    sealed.map(({ document }) => document.metadata),
    places,
  )
  const answers = sealed.map((file) => ({ file, answer: opens(file.document.metadata) }))
  const count = (wanted: Opens) => answers.filter(({ answer }) => answer === wanted).length
  const unknown = count('unknown') > 0 ? `, ${count('unknown')} may: a service or a passphrase decides` : ''
  const all =
    sealed.length > 0
      ? [good('encrypted files', `${count('yes')} of ${sealed.length} open here${unknown}`)]
      : []
  const closed = answers.filter(({ answer }) => answer === 'no').map(({ file }) => closedCheck(file, people))
  return [
    ...all,
    ...closed,
    ...others.flatMap(({ error, shown }) => checksOf(error.findings, { name: shown })),
  ]
}

function closedCheck({ shown, document }: SealedFile, people: Person[]): Check {
  const who = accessText(document.metadata, people)
  const detail = `does not open here: it is for ${who}`
  return missing(
    shown,
    detail,
    'a recipient adds your key (tasks secrets:key shows it): tasks secrets:updatekeys',
  )
}

/** The same for files that were named: each is opened, and what every key said is told. */
export async function openedChecks(
  { sealed, others }: Files,
  { project, people }: { project: SecretProject; people: Person[] },
): Promise<Check[]> {
  const checks = await Promise.all(sealed.map((file) => openedCheck(file, { project, people })))
  return [
    ...checks.flat(),
    ...others.flatMap(({ error, shown }) => checksOf(error.findings, { name: shown })),
  ]
}

async function openedCheck(
  { shown, document }: SealedFile,
  { project, people }: { project: SecretProject; people: Person[] },
): Promise<Check[]> {
  const recipients = good(shown, `is for ${accessText(document.metadata, people)}`)
  try {
    const { openedBy } = await openDocument(document, { file: shown, keyring: project.keyring })
    const by = recipientsText(openedBy, people)
    return [recipients, good(shown, `opens here with the key of ${by}, and its MAC agrees`)]
  } catch (error) {
    if (!(error instanceof TaskError)) throw error
    const [first, ...reasons] = checksOf(error.findings, { name: shown, notes: true })
    return [
      recipients,
      first!,
      ...reasons.map((reason) => ({ ...reason, name: shown, state: 'missing' as const })),
    ]
  }
}
