import { generateKeyPairSync, randomBytes } from 'node:crypto'

/** An ed25519 key pair as ssh-keygen writes it: the private key unencrypted in OpenSSH's format, the public key one line. */
export function generateSshKey({ comment }: { comment: string }): { privateKey: string; publicKey: string } {
  const { privateKey } = generateKeyPairSync('ed25519')
  const { d, x } = privateKey.export({ format: 'jwk' })
  const point = Buffer.from(x!, 'base64url')
  const publicBlob = Buffer.concat([field('ssh-ed25519'), field(point)])
  return {
    privateKey: pem(privateFile(publicBlob, { seed: Buffer.from(d!, 'base64url'), point, comment })),
    publicKey: `ssh-ed25519 ${publicBlob.toString('base64')} ${comment}\n`,
  }
}

// Source: PROTOCOL.key of OpenSSH.
function privateFile(
  publicBlob: Buffer,
  { seed, point, comment }: { seed: Buffer; point: Buffer; comment: string },
): Buffer {
  // Twice the same number: a reader sees by it that it decrypted well.
  const check = randomBytes(4)
  const inner = padded(
    Buffer.concat([check, check, publicBlob, field(Buffer.concat([seed, point])), field(comment)]),
  )
  return Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    field('none'),
    field('none'),
    field(''),
    Buffer.from([0, 0, 0, 1]),
    field(publicBlob),
    field(inner),
  ])
}

function padded(bytes: Buffer): Buffer {
  const missing = (8 - (bytes.length % 8)) % 8
  return Buffer.concat([bytes, Buffer.from(Array.from({ length: missing }, (_, index) => index + 1))])
}

function field(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content as string)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,70}/g)!
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join('\n')}\n-----END OPENSSH PRIVATE KEY-----\n`
}
