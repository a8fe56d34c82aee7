import { compileRegex } from '../rules/regex.ts'
import { defaultSelector, type Selector, type SelectorKind, type Selects, selects } from '../tree/selector.ts'

const block = /^sops:\r?\n(?: .*\r?\n?|\r?\n)*/gm
const keyLine = /^( *)((?:- +)*)([A-Za-z0-9_./-]+):(?: +(.*))?$/
const itemLine = /^ *(?:- +)+(.*)$/
const ciphertext = /^ENC\[AES256_GCM,[^\]]*\](?: #.*)?$/
const nothing = /^(?:|null|~|''|""|\{\}|\[\])$/
const oneLine = /^(?:"[^"\\]*"|'[^']*'|[^\s"'|>&*!{}[\]%@`#?:,-][^#]*)$/

/**
 * Whether a YAML file that sops wrote certainly has every selected value encrypted, told from its lines alone: a
 * hundred times faster than parsing it. False says nothing: only the parser knows.
 */
export function isSealedByItsLines(text: string): boolean {
  const blocks = text.match(block)
  const selected = blocks && isWhole(blocks[0]) ? selectorOf(blocks[0]) : undefined
  if (selected === undefined) return false
  const isSecret = /^kind: *["']?Secret/m.test(text)
  const path: { indent: number; key: string }[] = []
  return text
    .replaceAll(block, '')
    .split(/\r?\n/)
    .every((line) => {
      if (line === '' || line === '---' || /^ *#/.test(line)) return true
      const [, spaces, dashes, key, value = ''] = keyLine.exec(line) ?? []
      if (key === undefined) return ciphertext.test(itemLine.exec(line)?.[1] ?? '')
      const indent = spaces!.length + dashes!.length
      while (path.length > 0 && path.at(-1)!.indent >= indent) path.pop()
      path.push({ indent, key })
      if (nothing.test(value) || ciphertext.test(value)) return true
      const keys = path.map((level) => level.key)
      const isData = isSecret && ['data', 'stringData'].includes(keys[0]!)
      return oneLine.test(value) && !isData && !selected({ path: keys, comments: [], isComment: false })
    })
}

function isWhole(metadata: string): boolean {
  return [/^ +mac: ENC\[/m, /^ +lastmodified: "/m, /^ +(?:- )?enc: /m].every((part) => part.test(metadata))
}

// Only what is written plainly; comments apply to places that lines do not show.
function selectorOf(metadata: string): Selects | undefined {
  const written = [...metadata.matchAll(/^ +((?:un)?encrypted_(?:comment_)?(?:suffix|regex)): *(.*)$/gm)]
  const [, kind, value] = written[0] ?? []
  if (kind === undefined) return ready(defaultSelector)
  if (written.length > 1 || kind.includes('comment') || !/^[A-Za-z_^(.][^#:]*$/.test(value!)) return undefined
  return ready({ kind: kind as SelectorKind, value: value!.trimEnd() })
}

function ready(selector: Selector): Selects | undefined {
  try {
    return selects(selector, compileRegex)
  } catch {
    return undefined
  }
}
