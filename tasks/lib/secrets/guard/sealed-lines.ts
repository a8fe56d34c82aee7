import { compileRegex } from '../rules/regex.ts'
import { defaultSelector, type Selector, type SelectorKind, type Selects, selects } from '../tree/selector.ts'
import { isOwnBlock } from './sops-block.ts'

const keyLine = /^( *)((?:- +)*)([A-Za-z0-9_./-]+):(?: +(.*))?$/
const itemLine = /^ *(?:- +)+(.*)$/
const ciphertext = /^ENC\[AES256_GCM,data:[^,\s]+,iv:[^,\s]+,tag:[^,\s]+,type:[a-z]+\](?: #.*)?$/
const nothing = /^(?:|null|~|''|""|\{\}|\[\])$/
const oneLine = /^(?:"[^"\\]*"|'[^']*'|[^\s"'|>&*!{}[\]%@`#?:,-][^#]*)$/
const selectorLine = /\n +((?:un)?encrypted_(?:comment_)?(?:suffix|regex)): *(.*)/g
const outdented = /\n[^ \n]/g

/**
 * Whether a YAML file that sops wrote certainly has every selected value encrypted, told from its lines alone: many
 * times faster than parsing it. False says nothing: only the parser knows.
 */
export function isSealedByItsLines(text: string): boolean {
  const { content, metadata, isOwn } = partition(text.includes('\r') ? text.replaceAll('\r\n', '\n') : text)
  if (!isOwn || !isWhole(metadata)) return false
  const selected = selectorOf(metadata)
  if (selected === undefined) return false
  const isSecret = /^kind: *["']?Secret/m.test(content)
  const path: { indent: number; key: string; isOpen: boolean }[] = []
  return content.split('\n').every((line) => {
    const [, spaces, dashes, key, value = ''] = keyLine.exec(line) ?? []
    if (key === undefined) return isHarmless(line) || isCiphertext(itemLine.exec(line)?.[1] ?? '')
    const indent = spaces!.length + dashes!.length
    while (path.length > 0 && path.at(-1)!.indent >= indent) path.pop()
    // Something below a value is no YAML, or a text of several lines.
    if (path.length > 0 && !path.at(-1)!.isOpen) return false
    path.push({ indent, key, isOpen: value === '' })
    if (nothing.test(value) || isCiphertext(value)) return true
    const keys = path.map((level) => level.key)
    const isData = isSecret && (keys[0] === 'data' || keys[0] === 'stringData')
    return oneLine.test(value) && !isData && !selected({ path: keys, comments: [], isComment: false })
  })
}

// Every document of a file has the same sops block.
function partition(text: string): { content: string; metadata: string; isOwn: boolean } {
  let content = ''
  let metadata = ''
  let isOwn = true
  let from = 0
  for (let at = blockAt(text, from); at >= 0; at = blockAt(text, from)) {
    outdented.lastIndex = at
    const end = outdented.exec(text)?.index ?? text.length
    const block = text.slice(at, end)
    isOwn &&= block === metadata || isOwnBlock(block)
    metadata ||= block
    content += text.slice(from, at)
    from = end + 1
  }
  return { content: content + text.slice(from), metadata, isOwn }
}

function blockAt(text: string, from: number): number {
  if (text.startsWith('sops:\n', from)) return from
  const at = text.indexOf('\nsops:\n', from)
  return at < 0 ? at : at + 1
}

function isCiphertext(value: string): boolean {
  return value.startsWith('ENC[') && ciphertext.test(value)
}

function isHarmless(line: string): boolean {
  return line === '' || line === '---' || line.trimStart().startsWith('#')
}

function isWhole(metadata: string): boolean {
  return [' mac: ENC[', ' lastmodified: "', ' enc: '].every((part) => metadata.includes(part))
}

// Only what is written plainly; comments apply to places that lines do not show.
function selectorOf(metadata: string): Selects | undefined {
  const written = metadata.includes('encrypted_') ? [...metadata.matchAll(selectorLine)] : []
  const [, kind, value] = written[0] ?? []
  if (written.length === 0) return ready(defaultSelector)
  if (written.length > 1 || !kind || kind.includes('comment') || !/^[A-Za-z_^(.][^#:]*$/.test(value!))
    return undefined
  return ready({ kind: kind as SelectorKind, value: value!.trimEnd() })
}

const known = new Map<string, Selects | undefined>()

function ready(selector: Selector): Selects | undefined {
  const name = `${selector.kind} ${selector.value}`
  if (!known.has(name)) known.set(name, compiled(selector))
  return known.get(name)
}

function compiled(selector: Selector): Selects | undefined {
  try {
    return selects(selector, compileRegex)
  } catch {
    return undefined
  }
}
