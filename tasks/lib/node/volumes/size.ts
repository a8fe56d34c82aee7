import { quantityValue } from '../../config/variables/quantity.ts'

/** "100Gi" in bytes; the configuration's checks have seen it before. */
export function quantityBytes(text: string): number {
  const bytes = quantityValue(text)
  if (bytes === undefined) throw new Error(`${text} is no quantity`)
  return bytes
}
