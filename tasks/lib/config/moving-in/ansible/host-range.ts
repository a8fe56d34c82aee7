/** The hosts that an inventory means by one name: "kube[1:3].lan", "db[a:c]", "n[01:10:3]". Undefined for a range that is none. */
export function hostsOfRange(pattern: string): string[] | undefined {
  const match = /^([^[]*)\[([^\]]*)\](.*)$/.exec(pattern)
  if (!match) return /[[\]]/.test(pattern) ? undefined : [pattern]
  const [, before, range, after] = match
  const items = itemsOf(range!)
  const rests = hostsOfRange(after!)
  if (!items || !rests) return undefined
  return items.flatMap((item) => rests.map((rest) => `${before}${item}${rest}`))
}

function itemsOf(range: string): string[] | undefined {
  const numbers = /^([0-9]+):([0-9]+)(?::([0-9]+))?$/.exec(range)
  if (numbers) {
    const [, first, last, step = '1'] = numbers
    if (first!.startsWith('0') && first!.length > 1 && first!.length !== last!.length) return undefined
    const width = first!.startsWith('0') ? first!.length : 0
    return counted(Number(first), Number(last), Number(step))?.map((n) => String(n).padStart(width, '0'))
  }
  const letters = /^([a-z]):([a-z])(?::([0-9]+))?$/i.exec(range)
  if (!letters) return undefined
  const [first, last] = [letters[1]!.charCodeAt(0), letters[2]!.charCodeAt(0)]
  return counted(first, last, Number(letters[3] ?? '1'))?.map((code) => String.fromCharCode(code))
}

function counted(first: number, last: number, step: number): number[] | undefined {
  const length = Math.floor((last - first) / step) + 1
  if (step < 1 || last < first || length > 1000) return undefined
  return Array.from({ length }, (_, index) => first + index * step)
}
