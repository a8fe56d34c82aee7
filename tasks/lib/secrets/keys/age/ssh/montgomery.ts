const p = 2n ** 255n - 19n
// -121665 / 121666: the curve is -x² + y² = 1 + d·x²·y².
const d = modulo(-121665n * inverse(121666n))

/**
 * The X25519 public key of an Ed25519 one: u = (1 + y) / (1 - y). Throws a plain Error where it is no point of the
 * curve. Source: RFC 7748, section 4.1.
 */
export function montgomery(point: Uint8Array): Buffer {
  const y = littleEndian(point) & (2n ** 255n - 1n)
  // x² = (y² - 1) / (d·y² + 1) must be a square.
  const square = modulo((y * y - 1n) * inverse(modulo(d * y * y + 1n)))
  if (square !== 0n && power(square, (p - 1n) / 2n) !== 1n) throw new Error('it is no point of the curve')
  const u = modulo((1n + y) * inverse(modulo(1n - y)))
  return Buffer.from(u.toString(16).padStart(64, '0'), 'hex').reverse()
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)
}

function modulo(value: bigint): bigint {
  return ((value % p) + p) % p
}

function inverse(value: bigint): bigint {
  return power(value, p - 2n)
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  for (let square = modulo(base), rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % p
    square = (square * square) % p
  }
  return result
}
