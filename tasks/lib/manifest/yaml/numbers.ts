import { wholeNumber } from '../json.ts'

/** A number as Go holds it: the kind decides how kubectl writes it as a key. */
export interface GoNumber {
  kind: 'int' | 'uint' | 'float'
  value: number | bigint
}

/** The number that go-yaml v2 reads from a plain scalar, or undefined where it stays a string. */
export function readNumber(text: string): GoNumber | undefined {
  const first = text.charCodeAt(0)
  if (first === 0x2e) return readDottedFloat(text)
  const startsNumber = (first >= 0x30 && first <= 0x39) || first === 0x2b || first === 0x2d
  if (!startsNumber) return undefined
  const plain = text.includes('_') ? text.replaceAll('_', '') : text
  return readInteger(plain) ?? readDecimalFloat(plain) ?? readSignedBinary(plain)
}

/** A float as kubectl writes it when it is a key: Go's %g of a float32. */
export function floatKey(value: number): string {
  const single = Math.fround(value)
  if (Number.isNaN(single)) return '.nan'
  if (!Number.isFinite(single)) return single > 0 ? '.inf' : '-.inf'
  if (single === 0) return Object.is(single, -0) ? '-0' : '0'
  let digits = 1
  while (Math.fround(Number(single.toPrecision(digits))) !== single) digits++
  const [mantissa, exponent] = single.toExponential(digits - 1).split('e') as [string, string]
  const power = Number(exponent)
  if (power >= -4 && power < 6) return String(Number(`${mantissa}e${exponent}`))
  const sign = power < 0 ? '-' : '+'
  return `${mantissa}e${sign}${String(Math.abs(power)).padStart(2, '0')}`
}

const integer = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))$/

// Go's ParseInt and then ParseUint with base 0: an integer beyond both is not an integer.
function readInteger(plain: string): GoNumber | undefined {
  const [match, sign, hex, binary, octal, decimal] = integer.exec(plain) ?? []
  if (match === undefined) return undefined
  if (decimal !== undefined && decimal.length < 16) return { kind: 'int', value: Number(plain) || 0 }
  const prefixed = hex ? `0x${hex}` : binary ? `0b${binary}` : octal ? `0o${octal}` : decimal!
  const value = sign === '-' ? -BigInt(prefixed) : BigInt(prefixed)
  if (BigInt.asIntN(64, value) === value) return { kind: 'int', value: wholeNumber(String(value)) }
  if (sign === '' && BigInt.asUintN(64, value) === value) return { kind: 'uint', value: Number(value) }
  return undefined
}

function readDecimalFloat(plain: string): GoNumber | undefined {
  if (!/^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/.test(plain)) return undefined
  return finite(Number(plain))
}

// Underscores are gone by now in any other number; here Go's own rule holds: only between digits.
function readDottedFloat(text: string): GoNumber | undefined {
  if (!/^\.[0-9]+(_[0-9]+)*([eE][-+]?[0-9]+(_[0-9]+)*)?$/.test(text)) return undefined
  return finite(Number(text.replaceAll('_', '')))
}

function finite(value: number): GoNumber | undefined {
  return Number.isFinite(value) ? { kind: 'float', value } : undefined
}

// go-yaml takes "0b-11" for -3: it cuts the prefix off and hands Go the rest, sign and all.
function readSignedBinary(plain: string): GoNumber | undefined {
  const [match, sign, digits] = /^0b([-+])([01]{1,63})$/.exec(plain) ?? []
  if (match === undefined) return undefined
  const value = BigInt(`0b${digits}`)
  return { kind: 'int', value: wholeNumber(String(sign === '-' ? -value : value)) }
}
