/** A private key that stands in a file. */
export interface FoundKey {
  /** Character offset of it. */
  at: number
  what: string
  /** A passphrase protects it. */
  isProtected: boolean
}

const bech32 = '[02-9AC-HJ-NP-Z]'
const ageIdentity = new RegExp(`AGE-SECRET-KEY-(?:PQ-)?1${bech32}{50,}`, 'gi')
const pem = /-----BEGIN ((?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?)-----([^-]{40,200000}?)(?=-----END|$)/g
// As in a text; and as backslash n, in JSON, in double quotes and in source code.
const lineEnd = /\\r\\n|\\n|\r\n/g

/** The private keys in a text; the mere name of such a key, as documentation has it, is none. */
export async function privateKeys(text: string): Promise<FoundKey[]> {
  const found: FoundKey[] = [...text.matchAll(ageIdentity)].map(({ index }) => ({
    at: index,
    what: 'an age identity',
    isProtected: false,
  }))
  for (const match of text.matchAll(pem)) {
    const [, label = '', inside = ''] = match
    const lines = inside.replaceAll(lineEnd, '\n').replaceAll(/^[ \t>]+/gm, '')
    if (!/^[A-Za-z0-9+/]{40}/m.test(lines)) continue
    found.push({ at: match.index, what: nameOf(label), isProtected: await isProtected(label, lines) })
  }
  return found
}

function nameOf(label: string): string {
  if (label.startsWith('PGP')) return 'a PGP private key'
  return label.startsWith('OPENSSH') ? 'an SSH private key' : 'a private key'
}

async function isProtected(label: string, lines: string): Promise<boolean> {
  if (label.startsWith('ENCRYPTED') || lines.includes('Proc-Type: 4,ENCRYPTED')) return true
  if (label.startsWith('OPENSSH')) return openSshCipher(Buffer.from(lines, 'base64')) !== 'none'
  return label.startsWith('PGP') && isProtectedPgp(`-----BEGIN ${label}-----${lines}-----END ${label}-----\n`)
}

// "openssh-key-v1\0", then the cipher's name with its length before it. Source: OpenSSH, PROTOCOL.key.
function openSshCipher(bytes: Buffer): string {
  const magic = 'openssh-key-v1\0'
  const from = magic.length + 4
  if (bytes.length < from || bytes.toString('latin1', 0, magic.length) !== magic) return 'none'
  return bytes.toString('latin1', from, from + bytes.readUInt32BE(magic.length))
}

// A key that cannot be read counts as one without a passphrase.
async function isProtectedPgp(armoredKeys: string): Promise<boolean> {
  const { readPrivateKeys } = await import('openpgp')
  try {
    const packets = (await readPrivateKeys({ armoredKeys })).flatMap((key) =>
      key.getKeys().map(({ keyPacket }) => keyPacket),
    )
    return packets.every((packet) => 'isDecrypted' in packet && packet.isDecrypted() !== true)
  } catch {
    return false
  }
}
