import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  LineCounter,
  parseAllDocuments,
  visit,
  type YAMLMap,
} from 'yaml'
import { isEncrypted } from '../tree/cipher.ts'
import { mentionsSecret } from './suspicion.ts'

/** A value of a Secret that everybody can read. */
export interface ClearValue {
  line: number
  /** Which Secret, as far as it has a name. */
  secret: string
  key: string
}

/** The clear values under data and stringData of every `kind: Secret`, however deep, in YAML or JSON. */
export function clearValuesOfSecrets(text: string): ClearValue[] {
  const lines = new LineCounter()
  const documents = parseAllDocuments(plainVariables(text), {
    schema: 'failsafe',
    merge: false,
    uniqueKeys: false,
    lineCounter: lines,
  })
  const found: ClearValue[] = []
  for (const document of documents) {
    // A template of another language: only its lines can be read.
    if (document.errors.length > 0) return clearLines(text)
    visit(document, {
      Map(_, node) {
        if (node.get('kind') !== 'Secret') return
        const secret = nameOf(node)
        for (const { key, value, at } of valuesOf(node, document)) {
          if (isClear(value)) found.push({ line: lines.linePos(at).line, secret, key })
        }
      },
    })
  }
  return found
}

// ${NAME} without quotes would be a flow map inside of one; lines stay where they are.
function plainVariables(text: string): string {
  return text.replaceAll(/\$\{(\w+)\}/g, '$$$1')
}

function nameOf(secret: YAMLMap): string {
  const name = secret.getIn(['metadata', 'name'])
  return typeof name === 'string' ? `Secret ${name}` : 'a Secret'
}

function valuesOf(secret: YAMLMap, document: Document): { key: string; value: unknown; at: number }[] {
  const resolved = (node: unknown) => (isAlias(node) ? node.resolve(document) : node)
  return ['data', 'stringData'].flatMap((section) => {
    const values = resolved(secret.get(section, true))
    if (!isMap(values)) return []
    return values.items.map(({ key, value }) => {
      const node = resolved(value)
      const range = isScalar(key) ? key.range : undefined
      return { key: String(key), value: isScalar(node) ? node.value : node, at: range?.[0] ?? 0 }
    })
  })
}

/** False for what gives nothing away: ciphertext, nothing at all, a variable or a template's expression. */
function isClear(value: unknown): boolean {
  if (value === null || value === undefined) return false
  const text = String(value).trim()
  if (['', 'null', '~', '{}', '[]'].includes(text) || isEncrypted(text)) return false
  return !/^(?:\$\w+|\$\{\w+\}|\{\{[^{}]*\}\})$/.test(text)
}

function clearLines(text: string): ClearValue[] {
  const found: ClearValue[] = []
  let section: number | undefined
  let isSecret = false
  text.split(/\r?\n/).forEach((line, index) => {
    if (line.startsWith('---')) {
      isSecret = false
      section = undefined
    }
    if (mentionsSecret(line)) isSecret = true
    const [, indent, key, value] = /^( *)["']?([\w.-]+)["']?:(?:\s+(.*))?$/.exec(line) ?? []
    if (indent === undefined) return
    if (section !== undefined && indent.length <= section) section = undefined
    if (key === 'data' || key === 'stringData') section = indent.length
    else if (isSecret && section !== undefined && !value?.includes('{{') && isClear(unquoted(value))) {
      found.push({ line: index + 1, secret: 'a Secret', key: key! })
    }
  })
  return found
}

function unquoted(value: string | undefined): string | undefined {
  return value?.replace(/^(["'])(.*)\1$/, '$2')
}
