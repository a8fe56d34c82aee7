const width = 88
// A longer name has a line of its own, so that it does not push all texts to the right.
const widest = 28

/** Breaks a text into lines of at most 88 columns, each behind the indent; a single longer word stays whole. */
export function wrap(text: string, indent: string): string[] {
  const lines: string[] = []
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    const last = lines.at(-1)
    const joined = `${last} ${word}`
    if (last !== undefined && indent.length + joined.length <= width) lines[lines.length - 1] = joined
    else lines.push(word)
  }
  return lines.map((line) => `${indent}${line}`)
}

/** Two columns: the texts of the right one wrap under themselves. */
export function columns(rows: (readonly [left: string, right: string])[], indent = '  '): string[] {
  const left = Math.max(0, ...rows.map(([name]) => name.length).filter((length) => length <= widest))
  const gap = indent.length + left + 2
  return rows.flatMap(([name, text]) => {
    const lines = wrap(text, ' '.repeat(gap))
    const first = `${indent}${name}`
    if (lines.length === 0) return [first]
    if (name.length > left) return [first, ...lines]
    return [first.padEnd(gap) + lines[0]!.trimStart(), ...lines.slice(1)]
  })
}
