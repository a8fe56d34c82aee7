const factors: Readonly<Record<string, number>> = {
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
}

/** The number that a Kubernetes quantity stands for: "8Gi" in bytes; undefined when it is none. */
export function quantityValue(text: string): number | undefined {
  const match = /^([0-9.]+)(?:([eE][-+]?[0-9]+)|([a-zA-Z]{0,2}))$/.exec(text)
  if (!match) return undefined
  const value = Number(`${match[1]}${match[2] ?? ''}`)
  const factor = factors[match[3] ?? '']
  return factor === undefined || Number.isNaN(value) ? undefined : value * factor
}
