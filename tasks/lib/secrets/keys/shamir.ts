import { randomBytes } from 'node:crypto'

/**
 * Shamir's secret sharing over GF(2^8) as sops has it from HashiCorp Vault: a share is one y for each byte of the
 * secret, and x, which is 1 for the first share, as its last byte. Source: the `shamir` package of getsops/sops.
 */
export function splitSecret(
  secret: Uint8Array,
  { parts, threshold }: { parts: number; threshold: number },
): Uint8Array[] {
  if (secret.length === 0) throw new Error('an empty secret cannot be split')
  if (threshold < 2 || threshold > parts || parts > 255) {
    throw new Error(
      `${threshold} of ${parts} shares is not possible: 2 to 255 shares, and at most as many needed`,
    )
  }
  const polynomials = Array.from(secret, (byte) => [byte, ...randomBytes(threshold - 1)])
  return Array.from({ length: parts }, (_, index) => {
    const x = index + 1
    return Uint8Array.from([...polynomials.map((coefficients) => valueAt(coefficients, x)), x])
  })
}

/** The secret out of at least as many shares as are needed. Fewer give another secret: only its use will tell. */
export function combineShares(shares: Uint8Array[]): Uint8Array {
  checkShares(shares)
  const xs = shares.map((share) => share.at(-1)!)
  const weights = xs.map((x) => weightAtZero(x, xs))
  return Uint8Array.from({ length: shares[0]!.length - 1 }, (_, index) =>
    shares.reduce((sum, share, part) => sum ^ product(share[index]!, weights[part]!), 0),
  )
}

function checkShares(shares: Uint8Array[]): void {
  if (shares.length < 2) throw new Error(`at least 2 shares are needed, not ${shares.length}`)
  const lengths = new Set(shares.map((share) => share.length))
  if (lengths.size > 1) throw new Error(`the shares differ in length: ${[...lengths].join(', ')} bytes`)
  if (shares[0]!.length < 2) throw new Error('a share has at least 2 bytes')
  const xs = shares.map((share) => share.at(-1)!)
  const twice = xs.find((x, index) => xs.indexOf(x) !== index)
  if (twice !== undefined) throw new Error(`share ${twice} is there twice: each key group has its own`)
  if (xs.includes(0)) throw new Error('a share has the number 0: it is damaged')
}

// Horner: the coefficients from the highest down.
function valueAt(coefficients: number[], x: number): number {
  return coefficients.reduceRight((sum, coefficient) => product(sum, x) ^ coefficient, 0)
}

// Lagrange at 0: the product of other / (other - x); minus is exclusive or.
function weightAtZero(x: number, xs: number[]): number {
  return xs
    .filter((other) => other !== x)
    .reduce((weight, other) => product(weight, product(other, inverse(other ^ x))), 1)
}

/** Multiplies modulo x^8 + x^4 + x^3 + x + 1. The bits of a secret choose no branch and no table entry. */
function product(a: number, b: number): number {
  let sum = 0
  for (let bit = 7; bit >= 0; bit--) {
    const doubled = (sum << 1) ^ (-(sum >> 7) & 0x11b)
    sum = doubled ^ (-((b >> bit) & 1) & a)
  }
  return sum
}

// a^254 is 1/a: the group has 255 elements. 254 is 2 + 4 + … + 128.
function inverse(a: number): number {
  let power = a
  let result = 1
  for (let step = 0; step < 7; step++) {
    power = product(power, power)
    result = product(result, power)
  }
  return result
}
