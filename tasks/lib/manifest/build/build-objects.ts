import type { Finding, Place } from '../../cli/errors.ts'
import type { Json, ManifestObject, VariableUse } from '../object.ts'
import { unmarked } from '../substitute/placeholders.ts'
import type { PlacedOutcome } from '../substitute/reference-findings.ts'
import { type Outcome, type Scope, substituteQuietly } from '../substitute/substitute.ts'
import type { ObjectTemplate, ScalarNode } from '../substitute/template.ts'
import { elsewhere } from '../substitute/zones.ts'
import { compile } from '../yaml/compile.ts'
import { parseDocuments, startOf, syntaxError } from '../yaml/parse.ts'
import { adaptToQuotes } from '../yaml/quotes.ts'
import { type Builder, build } from './build.ts'
import { checkObject } from './check-object.ts'
import { type FileTemplate, newCompiler } from './file-template.ts'
import { pathBelow } from './paths.ts'
import { findNode } from './provenance.ts'

/** Where building leaves what it has to say. */
export interface Report {
  findings: Finding[]
  outcomes: PlacedOutcome[]
  /** An object without a name is one too. */
  mayLackName?: boolean
  /** The variables of each object of a file that is expanded more than once. */
  variables?: VariableUse[][]
}

/** Values without anybody who is told about them. */
export type Values = Omit<Scope, 'outcome'>

/**
 * Builds every object of a file; what turns out to be no object is reported and left out. Where the report brings the
 * objects' lists of variables, they are filled once and shared from then on.
 */
export function buildObjects(file: FileTemplate, values: Values, report: Report): ManifestObject[] {
  return file.objects.flatMap((template, index) => {
    const known = report.variables?.[index]
    const variables = known ?? []
    if (report.variables) report.variables[index] = variables
    const recorder = { file, template, variables: known ? undefined : variables, report }
    const scope = { ...values, outcome: (outcome: Outcome) => record(outcome, recorder) }
    return buildObject(template, { file, scope, variables, report })
  })
}

function buildObject(
  template: ObjectTemplate,
  work: { file: FileTemplate; scope: Scope; variables: VariableUse[]; report: Report },
): ManifestObject[] {
  const { file, scope, variables, report } = work
  const source = file.placeAt(template.offset)
  const placeOf = (path: string) => placeOfField(path, { file, template, scope })
  const value = build(template.root, newBuilder(file, scope, report.findings))
  const { object, problem, field } = checkObject(value, {
    inherited: template.inherited,
    mayLackName: report.mayLackName,
  })
  if (object) return [{ object, source, variables, placeOf }]
  report.findings.push({ severity: 'error', ...problem, ...(field ? placeOf(field) : source) })
  return []
}

interface Recorder {
  file: FileTemplate
  template: ObjectTemplate
  variables: VariableUse[] | undefined
  report: Report
}

function record(outcome: Outcome, { file, template, variables, report }: Recorder): void {
  const { reference, scalar, result } = outcome
  const isSet = result === 'substituted' || result === 'environment'
  if (isSet && !variables && result === 'substituted') return
  const place = file.placeAt(reference.start)
  if (isSet) variables?.push({ name: reference.name, path: pathBelow(scalar.path, template.base), ...place })
  if (result !== 'substituted') report.outcomes.push({ ...outcome, place })
}

function newBuilder(file: FileTemplate, scope: Scope, findings: Finding[]): Builder {
  const report = (message: string, offset: number) =>
    findings.push({ severity: 'error', message, ...file.placeAt(offset) })
  return {
    scope,
    report,
    parseInserted: (text, scalar) => parseInserted(text, scalar, { scope, report }),
    lineOf: (offset) => `line ${file.placeAt(offset).line}`,
  }
}

/** Reads what `!yaml ${NAME}` inserts: one YAML value, in which nothing is substituted. */
function parseInserted(
  text: string,
  scalar: ScalarNode,
  { scope, report }: { scope: Scope; report(message: string, offset: number): void },
): Json {
  const say = (message: string) => report(`in the text that !yaml inserts: ${message}`, scalar.offset)
  const [document, second] = parseDocuments(text)
  if (document === undefined) return null
  const error = syntaxError(document)
  if (error || second) {
    say(error?.message ?? 'one document is expected')
    return null
  }
  const compiler = { ...newCompiler(unmarked(text), say), lineOf: () => 'the same text' }
  const template = compile(document.contents as Parameters<typeof compile>[0], elsewhere, compiler)
  return build(template, { scope, report: say, parseInserted: () => null, lineOf: () => 'the same text' })
}

function placeOfField(
  path: string,
  { file, template, scope }: { file: FileTemplate; template: ObjectTemplate; scope: Scope },
): Place {
  const document = file.documents()[template.document]!
  const full = [template.base, path].filter((part) => part !== '').join('.')
  const node = findNode(document, full, ({ source = '', type }) => {
    const pieces = file.marked.pieces(source)
    return pieces ? substituteQuietly(adaptToQuotes(pieces, type), scope) : source
  })
  return file.placeAt(file.marked.offset(startOf(node)))
}
