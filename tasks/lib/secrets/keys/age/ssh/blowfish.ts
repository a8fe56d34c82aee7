/** 18 subkeys and four boxes of 256 words; all changed by a key. Source: Schneier, Blowfish, 1994. */
export interface Blowfish {
  subkeys: Int32Array
  boxes: Int32Array
}

const subkeyCount = 18
const wordCount = subkeyCount + 4 * 256

let digits: Int32Array | undefined

/** The state before any key: the digits of pi. */
export function initialState(): Blowfish {
  digits ??= piWords(wordCount)
  return { subkeys: digits.slice(0, subkeyCount), boxes: digits.slice(subkeyCount) }
}

/** Works a key into the state; `salt` as well where it is given. Both are taken as often as needed. */
export function expandKey({ subkeys, boxes }: Blowfish, key: Int32Array, salt?: Int32Array): void {
  for (let index = 0; index < subkeyCount; index++) subkeys[index]! ^= key[index % key.length]!
  const block = new Int32Array(2)
  let taken = 0
  for (const words of [subkeys, boxes]) {
    for (let index = 0; index < words.length; index += 2) {
      if (salt) {
        block[0]! ^= salt[taken % salt.length]!
        block[1]! ^= salt[(taken + 1) % salt.length]!
        taken += 2
      }
      encipher({ subkeys, boxes }, block, 0)
      words.set(block, index)
    }
  }
}

/** Encrypts two words in place. */
export function encipher({ subkeys, boxes }: Blowfish, words: Int32Array, at: number): void {
  let left = words[at]!
  let right = words[at + 1]!
  for (let round = 0; round < 16; round++) {
    left ^= subkeys[round]!
    const sum = (boxes[left >>> 24]! + boxes[256 + ((left >>> 16) & 0xff)]!) | 0
    const mixed = ((sum ^ boxes[512 + ((left >>> 8) & 0xff)]!) + boxes[768 + (left & 0xff)]!) | 0
    const swapped = right ^ mixed
    right = left
    left = swapped
  }
  words[at] = right ^ subkeys[17]!
  words[at + 1] = left ^ subkeys[16]!
}

/** The binary digits of pi behind the point, in words of 32: pi = 16 arctan(1/5) - 4 arctan(1/239), after Machin. */
function piWords(count: number): Int32Array {
  const guard = 64n
  const one = 1n << (BigInt(count * 32) + guard)
  const pi = 16n * inverseArctan(5n, one) - 4n * inverseArctan(239n, one)
  const bytes = Buffer.from(((pi - 3n * one) >> guard).toString(16).padStart(count * 8, '0'), 'hex')
  return Int32Array.from({ length: count }, (_, index) => bytes.readInt32BE(index * 4))
}

// 1/x - 1/(3x³) + 1/(5x⁵) - …
function inverseArctan(x: bigint, one: bigint): bigint {
  let power = one / x
  let sum = power
  for (let divisor = 3n, sign = -1n; power > 0n; divisor += 2n, sign = -sign) {
    power /= x * x
    sum += (sign * power) / divisor
  }
  return sum
}
