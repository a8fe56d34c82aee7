const binary: Record<string, number> = {
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
}
const powersOfTen: Record<string, number> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
}
const shape = /^([+-]?(?:\d+\.?\d*|\.\d+))(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][+-]?\d+)?$/

/** Whether Kubernetes reads the text as a quantity: "500m", "2Gi", "1e3". */
export function isQuantity(text: string): boolean {
  return shape.test(text)
}

/** The value of a quantity, or undefined when it is none. */
export function quantityValue(quantity: unknown): number | undefined {
  if (typeof quantity === 'number' || typeof quantity === 'bigint') return Number(quantity)
  const [, digits, suffix = ''] = (typeof quantity === 'string' && shape.exec(quantity)) || []
  if (digits === undefined) return undefined
  if (suffix in binary) return Number(digits) * binary[suffix]!
  const power = powersOfTen[suffix] ?? Number(suffix.slice(1))
  // Dividing keeps 700m equal to 0.7, multiplying by 0.001 does not.
  return power < 0 ? Number(digits) / 10 ** -power : Number(digits) * 10 ** power
}
