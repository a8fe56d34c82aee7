import { quantityValue } from '../../config/variables/quantity.ts'

/** "100Gi" in bytes; the configuration's checks have seen it before. */
export function quantityBytes(text: string): number {
  const bytes = quantityValue(text)
  if (bytes === undefined) throw new Error(`${text} is no quantity`)
  return bytes
}

const units = ['Ti', 'Gi', 'Mi', 'Ki'] as const

/** The same number of bytes as a quantity: "100Gi", in the largest unit that says it without a rest. */
export function sizeText(bytes: number): string {
  const index = units.findIndex((_, power) => bytes % 2 ** (40 - 10 * power) === 0)
  return index < 0 ? String(bytes) : `${bytes / 2 ** (40 - 10 * index)}${units[index]}`
}
