import { secretForms } from './secrets/secret-forms.ts'
import { type SecretIndex, type Span, secretIndex } from './secrets/secret-index.ts'

/** What stands in every output where a secret value was. */
const redacted = '***'

const values = new Set<string>()
let registered: SecretIndex = secretIndex()
// Their forms are worked out when something is printed: opening thousands of files prints nothing.
let waiting: string[] = []

/**
 * Keeps a secret value, and its encoded forms, out of everything this process prints, logs or records from now on.
 * Call it the moment the value is read. Values below 4 characters are not kept out: they would blank all text.
 */
export function registerSecret(value: string | undefined): void {
  if (value === undefined || values.has(value)) return
  values.add(value)
  waiting.push(value)
}

/** The text with every registered secret replaced by ***; `also` names further values, for this text only. */
export function redact(text: string, also: string[] = []): string {
  const spans = index().find(text)
  if (also.length > 0) spans.push(...secretIndex(also.flatMap(secretForms)).find(text))
  if (spans.length === 0) return text
  let result = ''
  let from = 0
  for (const [start, end] of mergeSpans(spans)) {
    result += text.slice(from, start) + redacted
    from = end
  }
  return result + text.slice(from)
}

function index(): SecretIndex {
  for (const value of waiting) for (const form of secretForms(value)) registered.add(form)
  waiting = []
  return registered
}

/** Forgets every registered secret: for tests. */
export function forgetSecrets(): void {
  values.clear()
  waiting = []
  registered = secretIndex()
}

// Secrets may overlap in a text: replacing one after the other would leave the rest of the second one standing.
function mergeSpans(spans: Span[]): Span[] {
  const merged: Span[] = []
  for (const [start, end] of spans.sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1)
    if (last && start <= last[1]) last[1] = Math.max(last[1], end)
    else merged.push([start, end])
  }
  return merged
}
