import { type Scalar, Timestamp } from '../../tree/tree.ts'
import { resolveScalar, ScalarError } from './resolve.ts'

/** How a scalar is written. The text is what it says, before quotes and escapes. */
export interface StyledScalar {
  style: 'plain' | 'single' | 'double' | 'literal'
  text: string
  tag?: '!!binary' | '!!merge'
}

/** A scalar as go.yaml.in/yaml/v3 writes it. */
export function styleOf(value: Scalar): StyledScalar {
  if (typeof value === 'string') return styleOfString(value)
  if (value instanceof Uint8Array) return styleOfBytes(value)
  if (typeof value === 'number') return { style: 'plain', text: floatText(value) }
  return { style: 'plain', text: value instanceof Timestamp ? value.text : String(value) }
}

function styleOfString(text: string): StyledScalar {
  if (text === '<<') return { style: 'plain', text, tag: '!!merge' }
  const wanted = text.includes('\n') ? 'literal' : isPlainString(text) ? 'plain' : 'double'
  return { style: allowed(wanted, text), text }
}

function styleOfBytes(bytes: Uint8Array): StyledScalar {
  const base64 = Buffer.from(bytes).toString('base64')
  const lines = base64.length < 70 ? base64 : base64.replace(/.{1,70}/g, '$&\n')
  return { style: lines === base64 ? 'plain' : 'literal', text: lines, tag: '!!binary' }
}

// What YAML 1.1 reads as a boolean or a number of base 60 is quoted too.
function isPlainString(text: string): boolean {
  return !oldBoolean.test(text) && !base60.test(text) && resolvesToString(text)
}

function resolvesToString(text: string): boolean {
  try {
    return typeof resolveScalar(text, { tag: '', isPlain: true }) === 'string'
  } catch (error) {
    if (error instanceof ScalarError) return false
    throw error
  }
}

const oldBoolean = /^(y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF)$/
const base60 = /^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$/
const breaks = '\\n\\r\\x85\\u2028\\u2029'
const unprintable = /[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/
const spaceBeforeBreak = new RegExp(` [${breaks}]`)
const spaceAfterBreak = new RegExp(`[${breaks}] `)
const anyBreak = new RegExp(`[${breaks}]`)
const edges = new RegExp(`^[ ${breaks}]|[ ${breaks}]$`)
const indicators = new RegExp(
  `^(---|\\.\\.\\.)|^[#,[\\]{}&*!|>'"%@\`]|^[?:-](?=[ \\t]|$)|:(?=[ \\t]|$)|[ \\t${breaks}]#`,
)

function allowed(wanted: StyledScalar['style'], text: string): StyledScalar['style'] {
  if (wanted === 'double') return wanted
  const neverQuoted = unprintable.test(text) || spaceBeforeBreak.test(text)
  if (wanted === 'literal') return neverQuoted || text.endsWith(' ') ? 'double' : 'literal'
  if (neverQuoted || text.includes('\t') || spaceAfterBreak.test(text)) return 'double'
  return edges.test(text) || anyBreak.test(text) || indicators.test(text) ? 'single' : 'plain'
}

// As FormatFloat(f, 'g', -1, 64) of Go: with an exponent, of two digits or more, below 1e-4 and from 1e6 on.
function floatText(value: number): string {
  if (Number.isNaN(value)) return '.nan'
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf'
  if (Object.is(value, -0)) return '-0'
  const [digits, exponent] = value.toExponential().split('e') as [string, string]
  const power = Number(exponent)
  if (power >= -4 && power < 6) return String(value)
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
}
