import { basename, extname } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { type Finding, TaskError } from '../../cli/errors.ts'
import { registerSecret } from '../../cli/redact.ts'
import { hasMetadata } from '../guard/file-kinds.ts'
import type { SecretValues } from '../new/secret-values.ts'
import { fileTypeOf } from '../stores/stores.ts'
import { type ImportedSecret, secretFromObject, textOrBytes } from './secret-object.ts'

/**
 * Makes a Secret of a clear file: the manifest of one; KEY=VALUE lines or a flat map of YAML or JSON, key by key;
 * anything else as one value, under the name of the file. Throws a TaskError that shows no value.
 */
export async function readSource(bytes: Uint8Array, { file }: { file: string }): Promise<ImportedSecret> {
  const type = fileTypeOf(file)
  const content = textOrBytes(bytes)
  if (typeof content === 'string') {
    if (hasMetadata(content, type)) throw encrypted(file)
    if (type === 'dotenv') return opaque(lineValues(content, { file }), quoteFindings(content, file))
    if (type === 'yaml' || type === 'json') {
      const secret = fromObjects(content, { file })
      if (secret) return secret
    }
  }
  return opaque({ [basename(file)]: content })
}

/** What a Secret is called that a file does not name: the file without its endings. */
export function nameFromFile(file: string): string {
  const base = basename(file).replace(/^\.+/, '')
  const end = extname(base)
  return (end ? base.slice(0, -end.length) : base).toLowerCase().replaceAll('_', '-')
}

function fromObjects(text: string, { file }: { file: string }): ImportedSecret | undefined {
  // Every scalar as it is written: a password 0123 or true is a text.
  const documents = parseAllDocuments(text, { schema: 'failsafe', logLevel: 'silent' })
  if (!Array.isArray(documents) || documents.some(({ errors }) => errors.length > 0)) return undefined
  const objects = documents.map((document) => document.toJS({ maxAliasCount: 100 })).flatMap(itemsOf)
  const secrets = objects.filter((object) => object?.kind === 'Secret')
  if (secrets.length > 1 || (secrets.length === 1 && objects.length > 1)) throw several(file, objects.length)
  if (secrets.length === 1) {
    const secret = secretFromObject(secrets[0]!, { source: file })
    const findings = commentFindings(text, { file, isYaml: fileTypeOf(file) === 'yaml' })
    return { ...secret, findings: [...secret.findings, ...findings] }
  }
  const [only] = objects
  const isFlat =
    only && Object.keys(only).length > 0 && Object.values(only).every((value) => typeof value === 'string')
  return objects.length === 1 && isFlat ? opaque(only as Record<string, string>) : undefined
}

type Fields = Record<string, unknown>

function itemsOf(object: unknown): Fields[] {
  if (typeof object !== 'object' || object === null || Array.isArray(object)) return []
  const { kind, items } = object as Fields
  return kind === 'List' && Array.isArray(items) ? items.flatMap(itemsOf) : [object as Fields]
}

function opaque(values: SecretValues, findings: Finding[] = []): ImportedSecret {
  for (const value of Object.values(values)) if (typeof value === 'string') registerSecret(value)
  return { type: 'Opaque', labels: {}, annotations: {}, immutable: false, values, findings }
}

// As kubectl create secret --from-env-file reads them.
function lineValues(text: string, { file }: { file: string }): Record<string, string> {
  const values: Record<string, string> = {}
  text.split(/\r?\n/).forEach((line, index) => {
    if (line.trim() === '' || line.trimStart().startsWith('#')) return
    const pair = /^\s*(?:export\s+)?([^=\s]+)=(.*)$/.exec(line)
    if (!pair) throw new TaskError('this line is not KEY=VALUE', { file, line: index + 1 })
    values[pair[1]!] = pair[2]!
  })
  return values
}

function quoteFindings(text: string, file: string): Finding[] {
  const quoted = [...text.matchAll(/^\s*(?:export\s+)?([^=\s#]+)=(["']).*\2\s*$/gm)].map(([, key]) => key)
  if (quoted.length === 0) return []
  const message = `the quotes around ${quoted.join(', ')} are part of the value, as kubectl has it`
  return [{ severity: 'warning', message, file }]
}

function commentFindings(text: string, { file, isYaml }: { file: string; isYaml: boolean }): Finding[] {
  if (!isYaml || !/^\s*#/m.test(text)) return []
  const hint = 'to keep the file as it is: --kind file'
  return [{ severity: 'note', message: 'its comments are left behind', file, hint }]
}

function several(file: string, count: number): TaskError {
  return new TaskError(`holds ${count} objects, and a Secret is made of one`, {
    file,
    hint: 'to keep all of them in one encrypted file: --kind file',
  })
}

function encrypted(file: string): TaskError {
  return new TaskError('is encrypted already', { file, hint: `mv ${file} secrets/` })
}
