import { randomBytes, randomInt } from 'node:crypto'

const alphanumeric = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
// Without 0 O o 1 l I: to be read from a screen and typed.
const legible = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789'

/** Random letters and digits; `legible` leaves out those that look alike. 32 of them are worth 190 bits. */
export function randomText(length: number, options: { legible?: boolean } = {}): string {
  const alphabet = options.legible ? legible : alphanumeric
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('')
}

/** Random bytes as text. */
export function randomEncoded(bytes: number, encoding: 'hex' | 'base64' | 'base64url'): string {
  return randomBytes(bytes).toString(encoding)
}
