/** Random YAML that nobody would lay out so: a model whose every node knows how it is written. */
export interface Written {
  key?: string
  /** Empty lines and comments above. */
  above: string[]
  /** A value as it is written, or what is below. */
  value?: string
  below?: Written[]
  isList?: boolean
  indent: number
}

export interface Random {
  (below: number): number
  pick<T>(of: T[]): T
}

/** A small generator of numbers that are the same for the same seed. */
export function randomOf(seed: number): Random {
  let state = seed * 2654435761 + 1
  const random = (below: number) => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 0x9e3779b9) | 0
    return ((state ^ (state >>> 13)) >>> 0) % below
  }
  return Object.assign(random, { pick: <T>(of: T[]) => of[random(of.length)]! })
}

export function randomFile(random: Random): Written {
  const indent = random.pick([1, 2, 3, 4, 6])
  return { above: [], indent: 0, below: entries(random, { depth: 0, indent, count: 4 + random(5) }) }
}

export function render({ below = [] }: Written): string {
  return below.map((entry) => lines(entry, '')).join('')
}

/** Changes, adds and removes a few things. Names of the side keep what both add apart. */
export function edit(file: Written, random: Random, name: string): Written {
  const copy = structuredClone(file)
  for (let count = 1 + random(3); count > 0; count--) editOnce(copy, random, `${name}${count}`)
  return copy
}

function editOnce(file: Written, random: Random, name: string): void {
  const block = random.pick(blocksOf(file))
  const items = block.below!
  const at = random(items.length)
  const what = random(10)
  const leaves = items.filter(({ value }) => value !== undefined)
  if (what < 4 && leaves.length > 0) random.pick(leaves).value = scalar(random, name)
  else if (what < 6 && items.length > 1) items.splice(at, 1)
  else {
    const inside = items[0]!.indent
    const added = block.isList
      ? item(random, { name, indent: inside })
      : entry(random, { key: name, depth: 2, indent: inside })
    items.splice(random(2) ? items.length : at + 1, 0, added)
  }
}

function blocksOf(node: Written): Written[] {
  return [...(node.below ? [node] : []), ...(node.below ?? []).flatMap(blocksOf)]
}

interface Where {
  depth: number
  indent: number
  count?: number
}

function entries(random: Random, { depth, indent, count = 1 + random(4) }: Where): Written[] {
  return Array.from({ length: count }, (_, at) => entry(random, { key: `k${depth}${at}`, depth, indent }))
}

function entry(random: Random, { key, depth, indent }: Where & { key: string }): Written {
  const kind = depth > 2 ? 0 : random(8)
  const own = { key: random.pick([key, `"${key}"`, `'${key}'`]), above: above(random, key), indent }
  if (kind === 6) return { ...own, below: entries(random, { depth: depth + 1, indent }) }
  if (kind !== 7) return { ...own, value: scalar(random, key) }
  const items = Array.from({ length: 1 + random(4) }, (_, at) =>
    item(random, { name: `${key}${at}`, indent }),
  )
  return { ...own, isList: true, below: items }
}

function item(random: Random, { name, indent }: { name: string; indent: number }): Written {
  const own = { above: random(4) ? [] : above(random, name), indent }
  if (random(3)) return { ...own, value: scalar(random, name) }
  return { ...own, below: entries(random, { depth: 3, indent: 2 }) }
}

function above(random: Random, name: string): string[] {
  return random.pick([[], [], [''], ['', ''], [`# of ${name}`], ['', `#of ${name}`, `# and ${name}`]])
}

function scalar(random: Random, name: string): string {
  const text = `${name}-${random(1000)}`
  return random.pick([text, `"${text}"`, `'${text}'`, `   ${text}`, `${random(999)}`, `${text} # ${name}`])
}

function lines(node: Written, indent: string): string {
  const { above, key, value, below = [], isList } = node
  const head = above.map((line) => (line === '' ? '\n' : `${indent}${line}\n`)).join('')
  const step = ' '.repeat(node.indent)
  if (key !== undefined && value !== undefined) return `${head}${indent}${key}: ${value}\n`
  if (value !== undefined) return `${head}${indent}- ${value}\n`
  if (key === undefined) return head + behindDash(below, indent)
  const inner = isList ? indent + step : indent + step
  return `${head}${indent}${key}:\n${below.map((each) => lines(each, inner)).join('')}`
}

function behindDash([first, ...rest]: Written[], indent: string): string {
  const inner = `${indent}  `
  const start = lines({ ...first!, above: [] }, inner).replace(inner, `${indent}- `)
  return start + rest.map((each) => lines(each, inner)).join('')
}
