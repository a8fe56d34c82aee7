/** Below this a value is no secret worth hiding: replacing it would blank ordinary text. */
const shortest = 4

/** The ways in which a secret value may turn up in a text: itself, its lines, and each of them encoded. */
export function secretForms(value: string): string[] {
  const values = new Set([value, value.trim(), ...lines(value)])
  const forms = [...values].flatMap((each) => (each.length < shortest ? [] : encodings(each)))
  return [...new Set(forms)].filter((form) => form.length >= shortest)
}

// The head and foot of a PEM block stand in every certificate: hiding them would tell nothing and blank much.
function lines(value: string): string[] {
  const split = value.split(/\r?\n/)
  if (split.length === 1) return []
  return split.map((line) => line.trim()).filter((line) => !/^-----(BEGIN|END) /.test(line))
}

function encodings(value: string): string[] {
  const url = urlEncoded(value)
  return [
    value,
    ...base64Forms(value),
    url,
    url.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    url.replaceAll('%20', '+'),
    JSON.stringify(value).slice(1, -1),
    value.replaceAll("'", "'\\''"),
  ]
}

// A lone half of a surrogate pair has no URL form; UTF-8 knows it as the replacement character.
function urlEncoded(value: string): string {
  return encodeURIComponent(Buffer.from(value).toString())
}

/** Alone, with the newline that `echo` adds, and inside a longer text ("user:password"), at each of three offsets. */
function base64Forms(value: string): string[] {
  const whole = [value, `${value}\n`].map((text) => Buffer.from(text).toString('base64'))
  const inside = [0, 1, 2].map((offset) => base64Inside(value, offset)).filter((form) => form.length >= 8)
  const standard = [...whole, ...inside]
  const unpadded = standard.map((form) => form.replace(/=+$/, ''))
  const url = unpadded.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'))
  return [...standard, ...unpadded, ...url]
}

// Only the characters that the value alone decides: the first and the last may hold bits of its neighbours.
function base64Inside(value: string, offset: number): string {
  const bytes = Buffer.from(value)
  const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
    .toString('base64')
    .replace(/=+$/, '')
  const firstBit = offset * 8
  const lastBit = (offset + bytes.length) * 8
  return encoded.slice(Math.ceil(firstBit / 6), Math.floor(lastBit / 6))
}
