const cache = new Map<string, RegExp | undefined>()

/**
 * A pattern of Go's regexp package as one of JavaScript's; undefined for what cannot be told with certainty, so that
 * no value is refused that the API server takes.
 */
export function re2(pattern: string): RegExp | undefined {
  if (!cache.has(pattern)) cache.set(pattern, translate(pattern))
  return cache.get(pattern)
}

const classes: Record<string, string> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  digit: '0-9',
  lower: 'a-z',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
}

function translate(pattern: string): RegExp | undefined {
  const [, flags = ''] = /^\(\?([is]+)\)/.exec(pattern) ?? []
  const body = pattern
    .slice(flags ? flags.length + 3 : 0)
    .replace(/\(\?P</g, '(?<')
    .replace(/\\A/g, '^')
    .replace(/\\z/g, '$')
    .replace(/\[:(\w+):\]/g, (whole, name: string) => classes[name] ?? whole)
  // Only Go knows quoting by \Q and flags in the middle.
  if (/\\[QC]|\(\?[a-zA-Z-]+[:)]/.test(body)) return undefined
  return compile(body, `u${flags}`) ?? compile(body, flags)
}

function compile(body: string, flags: string): RegExp | undefined {
  try {
    return new RegExp(body, flags)
  } catch {
    return undefined
  }
}
