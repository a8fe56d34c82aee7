import type { Document } from 'yaml'
import type { Finding, Place } from '../../cli/errors.ts'
import { type ManifestFile, type Mode, modeOf } from '../mode.ts'
import { envsubst } from '../substitute/envsubst.ts'
import { lexReferences } from '../substitute/lex.ts'
import { type MarkedText, markReferences, unmarked } from '../substitute/placeholders.ts'
import type { Scope } from '../substitute/substitute.ts'
import type { ObjectTemplate } from '../substitute/template.ts'
import type { Compiler } from '../yaml/compiler.ts'
import { lineIndex } from '../yaml/lines.ts'
import { parseDocuments, syntaxError } from '../yaml/parse.ts'
import { compileObjects } from './objects.ts'

/** A file that was parsed once: its objects before values, and the way back to its lines. */
export interface FileTemplate {
  path: string
  mode: Mode
  objects: ObjectTemplate[]
  findings: Finding[]
  marked: MarkedText
  placeAt(offset: number): Required<Place>
  /** The parsed documents, read again when somebody asks where a field stands. */
  documents(): Document[]
}

/** Where the values come from while a file is parsed: a kind or an annotation may be a variable. */
export interface ParseOptions {
  mode?: Mode
  scope(mode: 'strict' | 'declared'): Scope
  /** The declared names, for mode text. */
  values: { has(name: string): boolean; get(name: string): string | undefined }
}

/** Parses a file; everything that is wrong with it whatever the values are is among its findings. */
export function parseFile(file: ManifestFile, options: ParseOptions): FileTemplate {
  const mode = modeOf(file, options.mode)
  const text = normalize(mode === 'text' ? envsubst(file.text, options.values) : file.text)
  const marked = mode === 'none' || mode === 'text' ? unmarked(text) : markReferences(text)
  const position = lineIndex(text)
  const placeAt = (offset: number) => ({ file: file.path, ...position(offset) })
  const template: FileTemplate = {
    path: file.path,
    mode,
    objects: [],
    findings: [],
    marked,
    placeAt,
    documents,
  }
  let read: Document[] | undefined
  function documents(): Document[] {
    read ??= [...parseDocuments(marked.text)]
    return read
  }
  const scope = options.scope(mode === 'declared' ? 'declared' : 'strict')
  compileDocuments(template, scope)
  if (mode === 'none' && options.mode === undefined) noteUntouched(template, { file, values: options.values })
  return template
}

function compileDocuments(template: FileTemplate, scope: Scope): void {
  let number = 0
  for (const document of parseDocuments(template.marked.text)) {
    const compiler = newCompiler(template.marked, (message, offset, severity) =>
      template.findings.push({ severity, message, ...template.placeAt(template.marked.offset(offset)) }),
    )
    compiler.lineOf = (offset) => `line ${template.placeAt(offset).line}`
    const error = syntaxError(document)
    if (error) compiler.report('error', template.marked.restore(error.message), error.offset)
    const objects = error ? [] : compileObjects(document, compiler, scope)
    for (const object of objects) template.objects.push({ ...object, document: number })
    number++
  }
}

// Somebody who sets variables for a file of others expects to see them in it.
function noteUntouched(
  template: FileTemplate,
  { file, values }: { file: ManifestFile; values: ParseOptions['values'] },
): void {
  const names = new Set(lexReferences(file.text).map(({ name }) => `$${name}`))
  const declared = [...names].filter((name) => values.has(name.slice(1)))
  if (declared.length === 0) return
  const message = `${declared.join(', ')} not substituted: this file is from outside the project`
  template.findings.push({
    severity: 'note',
    message,
    hint: 'ask for it with --subst strict',
    file: file.path,
  })
}

/** A compiler at the start of a document. */
export function newCompiler(
  marked: MarkedText,
  report: (message: string, offset: number, severity: 'error' | 'warning') => void,
): Compiler {
  return {
    marked,
    report: (severity, message, offset) => report(message, offset, severity),
    lineOf: (offset) => `offset ${offset}`,
    path: [],
    anchors: new Map(),
    aliased: new Map(),
    open: new Set(),
  }
}

// YAML ends lines with any of three; columns stay what they are. A byte order mark is no text.
function normalize(text: string): string {
  const body = text.startsWith('\uFEFF') ? text.slice(1) : text
  return body.includes('\r') ? body.replace(/\r\n?/g, '\n') : body
}
