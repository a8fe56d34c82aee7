import type { Finding } from '../cli/errors.ts'
import type { Variables } from '../config/model.ts'
import { buildObjects, type Report, type Values } from './build/build-objects.ts'
import { type FileTemplate, parseFile } from './build/file-template.ts'
import type { ManifestFile, Mode } from './mode.ts'
import type { ManifestObject, VariableUse } from './object.ts'
import { referenceFindings } from './substitute/reference-findings.ts'

/** Where values come from, and how much is asked of them. */
export interface LoadOptions {
  /** Declared: substituted wherever they stand. */
  variables: Variables
  /** Exported only: they count in our own manifests outside scripts, and a note says so. */
  environment?: Variables
  /** For every file, whatever it says of itself. */
  mode?: Mode
  /** For a task that only prints: an object without a name, or with generateName alone, is one too. */
  mayLackName?: boolean
  /** An example value of a variable that metaltasks knows, for the hint about one that is not set. */
  exampleOf?(name: string): string | undefined
}

/** Objects in the order of the files, and everything there is to say about them. */
export interface LoadedManifests {
  objects: ManifestObject[]
  findings: Finding[]
}

/** Text to objects: references found, YAML parsed, values put in, scalars typed as kubectl types them. Pure. */
export function loadManifests(files: ManifestFile[], options: LoadOptions): LoadedManifests {
  const report: Report = { findings: [], outcomes: [], mayLackName: options.mayLackName }
  const objects: ManifestObject[] = []
  for (const file of files) {
    const template = parseTemplate(file, options)
    report.findings.push(...template.findings)
    for (const object of buildObjects(template, valuesOf(template.mode, options), report))
      objects.push(object)
  }
  return { objects, findings: allFindings(report, options) }
}

/** Parses a file once, to be expanded many times. Its own errors are among its findings. */
export function parseTemplate(file: ManifestFile, options: LoadOptions): FileTemplate {
  const { variables, mode } = options
  const values = {
    has: (name: string) => variables.has(name),
    get: (name: string) => variables.get(name)?.value,
  }
  return parseFile(file, {
    mode,
    values,
    scope: (asked) => ({ ...valuesOf(asked, options), outcome: () => undefined }),
  })
}

/**
 * Builds the objects of a template once for each row of values; a row's values win over the declared variables.
 * Expanded objects share their lists of variables, and no part of each other.
 */
export function expand(
  template: FileTemplate,
  rows: Iterable<Readonly<Record<string, string>>>,
  options: LoadOptions,
): LoadedManifests {
  const report: Report = { findings: [...template.findings], outcomes: [] }
  const shared = valuesOf(template.mode, options)
  const objects: ManifestObject[] = []
  const variables: VariableUse[][] = []
  for (const row of rows) {
    const value = (name: string) => (Object.hasOwn(row, name) ? row[name] : shared.value(name))
    for (const object of buildObjects(template, { ...shared, value }, { ...report, variables }))
      objects.push(object)
  }
  return { objects, findings: allFindings(report, options) }
}

function valuesOf(mode: Mode, { variables, environment }: LoadOptions): Values {
  return {
    mode: mode === 'declared' ? 'declared' : 'strict',
    value: (name) => variables.get(name)?.value,
    environmentValue: (name) => environment?.get(name)?.value,
  }
}

// One mistake in a shared part of a document, or in a row of many, is one finding. Files keep their order.
function allFindings(report: Report, options: LoadOptions): Finding[] {
  const all = [...report.findings, ...referenceFindings(report.outcomes, options)]
  const distinct = [...new Map(all.map((finding) => [JSON.stringify(finding), finding])).values()]
  const files = [...new Set(distinct.map(({ file }) => file))]
  const order = ({ file, line = 0, column = 0 }: Finding) => [files.indexOf(file), line, column]
  return distinct.sort((a, b) => compareNumbers(order(a), order(b)))
}

function compareNumbers(left: number[], right: number[]): number {
  const index = left.findIndex((number, at) => number !== right[at])
  return index < 0 ? 0 : left[index]! - right[index]!
}
