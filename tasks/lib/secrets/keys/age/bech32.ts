import { bech32 } from '@scure/base'

/** The bytes of a bech32 text with this prefix; undefined where it has another one, or a typing error. */
export function decodeBech32(text: string, prefix: string): Uint8Array | undefined {
  try {
    // age knows no upper limit of length: a post-quantum recipient has 1,959 characters.
    const decoded = bech32.decode(text as `${string}1${string}`, false)
    return decoded.prefix === prefix.toLowerCase() ? bech32.fromWords(decoded.words) : undefined
  } catch {
    // The error of the library shows the text, which may be an identity.
    return undefined
  }
}

/** A bech32 text, in lower case. */
export function encodeBech32(prefix: string, bytes: Uint8Array): string {
  return bech32.encode(prefix.toLowerCase(), bech32.toWords(bytes), false)
}
