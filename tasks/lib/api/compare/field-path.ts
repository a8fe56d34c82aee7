import { equal, isMap } from './values.ts'

/** A field as it stands in one object. */
export interface FoundField {
  /** Keys and list indexes from the top. */
  steps: (string | number)[]
  /** "spec.containers[0].image": where it stands, as far as the object has it. */
  path: string
  value: unknown
  /** False when the object ends before the path does. */
  whole: boolean
}

/**
 * Finds a field that the server names: ".spec.containers[name=\"web\"].image" in a conflict, "spec.ports[0].port" or
 * "metadata.labels[app.kubernetes.io/name]" in a validation error. Keys may hold dots, so the object itself decides.
 */
export function findField(object: object, field: string): FoundField {
  const steps: (string | number)[] = []
  let value: unknown = object
  let rest = field.startsWith('.') || field.startsWith('[') ? field : `.${field}`
  while (rest.length > 1) {
    const step = rest.startsWith('[') ? bracketStep(value, rest) : keyStep(value, rest)
    if (!step) return { steps, path: pathText(steps), value: undefined, whole: false }
    steps.push(step.step)
    value = (value as Record<string | number, unknown>)[step.step]
    rest = rest.slice(step.length)
  }
  return { steps, path: pathText(steps), value, whole: true }
}

/** "spec.containers[0].image"; a key that is no plain word stands in brackets. */
function pathText(steps: (string | number)[]): string {
  return steps.reduce<string>((text, step) => {
    if (typeof step === 'number' || !/^[A-Za-z0-9_$-]+$/.test(step)) return `${text}[${step}]`
    return text === '' ? step : `${text}.${step}`
  }, '')
}

interface Step {
  step: string | number
  /** How much of the text it takes up. */
  length: number
}

function keyStep(value: unknown, rest: string): Step | undefined {
  if (!isMap(value)) return undefined
  const text = rest.slice(1)
  const fitting = Object.keys(value).filter(
    (key) => text.startsWith(key) && /^(?:[.[]|$)/.test(text.slice(key.length)),
  )
  const longest = fitting.sort((a, b) => b.length - a.length)[0]
  return longest === undefined ? undefined : { step: longest, length: longest.length + 1 }
}

function bracketStep(value: unknown, rest: string): Step | undefined {
  const end = closingBracket(rest)
  const text = rest.slice(1, end)
  if (isMap(value)) return text in value ? { step: text, length: end + 1 } : undefined
  if (!Array.isArray(value)) return undefined
  const index = /^\d+$/.test(text) ? Number(text) : value.findIndex((item) => fits(item, text))
  return index >= 0 && index < value.length ? { step: index, length: end + 1 } : undefined
}

function closingBracket(text: string): number {
  let quoted = false
  for (let at = 1; at < text.length; at++) {
    if (text[at] === '"' && text[at - 1] !== '\\') quoted = !quoted
    if (text[at] === ']' && !quoted) return at
  }
  return text.length
}

// name="web" or containerPort=80,protocol="TCP" for a keyed list, ="value" for a set.
function fits(item: unknown, selector: string): boolean {
  if (selector.startsWith('=')) return equal(item, parsed(selector.slice(1)))
  const pairs = [...selector.matchAll(/([^=,]+)=("(?:[^"\\]|\\.)*"|[^,]*)/g)]
  return isMap(item) && pairs.length > 0 && pairs.every(([, key, value]) => equal(item[key!], parsed(value!)))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
