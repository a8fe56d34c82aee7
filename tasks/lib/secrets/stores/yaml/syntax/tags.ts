import type { Token } from './token.ts'

const standard = 'tag:yaml.org,2002:'

/** What tag handles stand for in a document. */
export class Tags {
  private prefixes = new Map<string, string>()

  /** Takes a %TAG directive; false if the document has one of that handle. */
  define({ value, suffix }: Token): boolean {
    if (this.prefixes.has(value!)) return false
    this.prefixes.set(value!, suffix!)
    return true
  }

  clear(): void {
    this.prefixes.clear()
  }

  /** The tag, as !!name where it is one of YAML's own; empty for a lone "!"; undefined for an unknown handle. */
  resolve({ value: handle, suffix }: Token): string | undefined {
    const prefix = handle === '' ? '' : this.prefix(handle!)
    if (prefix === undefined) return undefined
    const tag = prefix + suffix
    if (tag === '!') return ''
    return tag.startsWith(standard) ? `!!${tag.slice(standard.length)}` : tag
  }

  private prefix(handle: string): string | undefined {
    return this.prefixes.get(handle) ?? { '!': '!', '!!': standard }[handle]
  }
}
