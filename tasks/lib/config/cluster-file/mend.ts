import { networkOf } from '../checks/addresses.ts'
import { type FormatName, formatNamed } from '../variables/formats.ts'

/** "did you mean 8Gi?": the first usual slip whose correction has the format; undefined when none has. */
export function mendHint(text: string, format: FormatName): string | undefined {
  const { accepts } = formatNamed(format)
  const mended = corrections(text).find((correction) => correction !== text && accepts(correction))
  return mended && mended.length > 0 ? `did you mean ${mended}?` : undefined
}

function corrections(text: string): string[] {
  const joined = text.replaceAll(' ', '')
  return [
    text.replace(/^v/, ''),
    text.replace(/^\[(.*)\]$/, '$1'),
    text.replace(/%.*$/, ''),
    text.replaceAll(/\b0+(?=[0-9])/g, ''),
    joined,
    joined.replace(/b$/i, ''),
    joined.replace(/([kmgtpe]i?)b?$/i, (unit) => unitOf(unit)),
    text.toLowerCase().replaceAll('_', '-'),
    networkOf(text) ?? text,
  ]
}

// "gi" and "GB" as Kubernetes writes them: Gi and G.
function unitOf(unit: string): string {
  const [letter, ...rest] = unit.replace(/b$/i, '')
  return `${letter!.toUpperCase()}${rest.join('').toLowerCase()}`
}
