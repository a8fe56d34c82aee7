import type { Finding, Place } from '../../cli/errors.ts'
import { suggest } from '../../cli/suggest.ts'
import type { Variables } from '../../config/model.ts'
import type { Outcome } from './substitute.ts'

/** What became of a reference, and where it stands. */
export interface PlacedOutcome extends Outcome {
  place: Required<Place>
}

/** What is known of variables, for the hints. */
export interface KnownVariables {
  variables: Variables
  /** An example value of a variable that metaltasks knows, whether it is set or not. */
  exampleOf?(name: string): string | undefined
}

/** Errors and notes about references, of all files at once: one error for each name, wherever it is used. */
export function referenceFindings(outcomes: PlacedOutcome[], known: KnownVariables): Finding[] {
  const of = (result: Outcome['result']) => outcomes.filter((outcome) => outcome.result === result)
  return [
    ...groups(of('unset'), ({ reference }) => reference.name).map((uses) => unsetFinding(uses, known)),
    ...of('refused').map((outcome) => refusedFinding(outcome, known)),
    ...groups(of('environment'), byFileAndName).map(environmentFinding),
    ...groups(of('literal'), ({ place }) => place.file).map(literalFinding),
  ]
}

type Uses = [PlacedOutcome, ...PlacedOutcome[]]

function byFileAndName({ place, reference }: PlacedOutcome): string {
  return `${place.file}\n${reference.name}`
}

function groups(outcomes: PlacedOutcome[], keyOf: (outcome: PlacedOutcome) => string): Uses[] {
  const byKey = new Map<string, Uses>()
  for (const outcome of outcomes) {
    const group = byKey.get(keyOf(outcome))
    if (group) group.push(outcome)
    else byKey.set(keyOf(outcome), [outcome])
  }
  return [...byKey.values()]
}

function unsetFinding(uses: Uses, known: KnownVariables): Finding {
  const { name } = uses[0].reference
  const declared =
    known.exampleOf?.(name) !== undefined ? 'known to metaltasks, but it has no value' : 'declared nowhere'
  const meant = suggest(name, known.variables.keys())
  const question = meant === undefined ? '' : `did you mean $${meant}? If not, `
  return {
    severity: 'error',
    message: `$${name} is not set: ${declared}${alsoUsed(uses)}`,
    hint: question + settingHint(name, known),
    ...uses[0].place,
  }
}

function settingHint(name: string, { exampleOf }: KnownVariables): string {
  return `set it in .env, for example ${name}=${exampleOf?.(name) ?? '…'}`
}

/** How many further places are named. */
const shownPlaces = 5

function alsoUsed([first, ...others]: Uses): string {
  const places = [...new Set(others.map(({ place }) => `${place.file}:${place.line}:${place.column}`))]
  const own = `${first.place.file}:${first.place.line}:${first.place.column}`
  const further = places.filter((place) => place !== own)
  if (further.length === 0) return ''
  const rest = further.length - shownPlaces
  return `; also used at ${further.slice(0, shownPlaces).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}

function refusedFinding({ reference, place, message }: PlacedOutcome, known: KnownVariables): Finding {
  return {
    severity: 'error',
    message: `$${reference.name} is not set or empty: ${message || 'the manifest asks for a value'}`,
    hint: settingHint(reference.name, known),
    ...place,
  }
}

function environmentFinding([{ reference, place }]: Uses): Finding {
  return {
    severity: 'note',
    message: `$${reference.name} comes from the environment; no file declares it`,
    hint: `to have it on every machine, set ${reference.name} in .env`,
    ...place,
  }
}

function literalFinding(uses: Uses): Finding {
  const words = [...new Set(uses.map(({ reference }) => reference.raw))]
  const they = words.length === 1 ? 'it is not declared' : 'they are not declared'
  return {
    severity: 'note',
    message: `${words.join(', ')} ${words.length === 1 ? 'stays' : 'stay'} as written in a script, because ${they}`,
    ...uses[0].place,
  }
}
