/** A step of a path: a key or an index; a selector such as [name="web"] is kept as it is. */
export type PathStep = string | number | { key: string; value: string }

/** "spec.containers[0].image"; a key that is no plain word stands in brackets, as the API server writes it. */
export function pathText(path: (string | number)[]): string {
  let text = ''
  for (const step of path) {
    if (typeof step === 'number' || !/^[A-Za-z0-9_$-]+$/.test(step)) text += `[${step}]`
    else text += text === '' ? step : `.${step}`
  }
  return text
}

/** Reads a path as errors of the API server write it: `spec.a[0].b`, `.spec.a[name="web"]`, `metadata.labels[app/x]`. */
export function parsePath(path: string): PathStep[] {
  const steps: PathStep[] = []
  for (const [, bracketed, word] of path.matchAll(/\[((?:"[^"]*"|[^\]"])*)\]|([^.[\]]+)/g)) {
    steps.push(bracketed === undefined ? word! : bracketStep(bracketed))
  }
  return steps
}

/** The path below a base: "spec.replicas" for "items[3].spec.replicas" below "items[3]". */
export function pathBelow(path: string, base: string): string {
  return base === '' ? path : path.slice(base.length).replace(/^\./, '')
}

function bracketStep(text: string): PathStep {
  if (/^\d+$/.test(text)) return Number(text)
  const selector = /^([A-Za-z0-9_-]+)=(.*)$/.exec(text)
  if (selector) return { key: selector[1]!, value: withoutQuotes(selector[2]!) }
  return withoutQuotes(text)
}

function withoutQuotes(text: string): string {
  return text.replace(/^"(.*)"$/, '$1')
}
