import { createPrivateKey, createPublicKey, createSign, createVerify, X509Certificate } from 'node:crypto'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { redact } from '../../tasks/lib/cli/redact.ts'
import { dockerConfig } from '../../tasks/lib/secrets/generate/docker-config.ts'
import { generate, parseWanted } from '../../tasks/lib/secrets/generate/generate.ts'
import { htpasswdLine } from '../../tasks/lib/secrets/generate/htpasswd.ts'
import { checkTlsPair, selfSigned } from '../../tasks/lib/secrets/generate/tls.ts'
import { run, temporaryFolder } from '../support/cli.ts'

const owner = 'alice'
const now = new Date('2026-11-21T12:00:00Z')

async function made(text: string): Promise<Record<string, string>> {
  return generate(parseWanted(text), { owner })
}

describe('--generate', () => {
  it.each([
    ['32', 'password', /^[A-Za-z0-9]{32}$/],
    ['token=64', 'token', /^[A-Za-z0-9]{64}$/],
    ['password', 'password', /^[A-HJ-NP-Za-km-z2-9]{20}$/],
    ['hex:16', 'key', /^[0-9a-f]{32}$/],
    ['cookie=base64:32', 'cookie', /^[A-Za-z0-9+/]{43}=$/],
    ['cookie=base64url', 'cookie', /^[\w-]{43}$/],
    ['id=uuid', 'id', /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/],
  ])('%s makes %s', async (text, key, expected) => {
    const values = await made(text)
    expect(Object.keys(values)).toEqual([key])
    expect(values[key]).toMatch(expected)
    expect(await made(text)).not.toEqual(values)
    expect(redact(`it is ${values[key]}`)).toBe('it is ***')
  })

  it.each([
    ['pasword', 'did you mean password?'],
    ['7', 'there is 32'],
    ['key=', 'there is 32 (letters and digits'],
    ['key=uid', 'did you mean uuid?'],
    ['rsa:512', 'there is 32'],
    ['hex:2', 'there is 32'],
  ])('%s is refused with what there is', (text, hint) => {
    expect(() => parseWanted(text)).toThrow(
      expect.objectContaining({
        exitCode: 64,
        findings: [expect.objectContaining({ hint: expect.stringContaining(hint) })],
      }),
    )
  })

  it('ssh makes a key pair that ssh-keygen reads', async () => {
    const values = await made('ssh')
    const folder = temporaryFolder()
    const file = join(folder, 'key')
    writeFileSync(file, values['ssh-privatekey']!)
    chmodSync(file, 0o600)
    const { stdout, exitCode } = await run('ssh-keygen', ['-y', '-f', file])
    expect(exitCode).toBe(0)
    expect(stdout).toBe(values['ssh-publickey'])
    expect(stdout).toMatch(/^ssh-ed25519 \S+ alice\n$/)
  })

  it('an ssh key under another name has its public part beside it', async () => {
    expect(Object.keys(await made('id_ed25519=ssh'))).toEqual(['id_ed25519', 'id_ed25519.pub'])
  })

  it('rsa makes a key pair in PEM that signs', async () => {
    const values = await made('tls.key=rsa:2048')
    const privateKey = createPrivateKey(values['tls.key']!)
    const signature = createSign('sha256').update('text').sign(privateKey)
    const publicKey = createPublicKey(values['tls.key.pub']!)
    expect(createVerify('sha256').update('text').verify(publicKey, signature)).toBe(true)
    expect(privateKey.asymmetricKeyDetails?.modulusLength).toBe(2048)
  })
})

describe('an htpasswd line', () => {
  it('is one that the C library verifies, as nginx does', async () => {
    const line = await htpasswdLine('alice', 'correct horse ä')
    expect(line).toMatch(/^alice:\$2y\$10\$[./A-Za-z0-9]{53}\n$/)
    const hash = line.trim().slice('alice:'.length)
    const crypted = await run('perl', ['-e', 'chomp($p = <STDIN>); print crypt($p, $ARGV[0])', hash], {
      input: 'correct horse ä\n',
    })
    expect(crypted.stdout).toBe(hash)
  })

  it('refuses what bcrypt would cut off, and names that end the field', async () => {
    await expect(htpasswdLine('alice', 'x'.repeat(73))).rejects.toMatchObject({ exitCode: 64 })
    await expect(htpasswdLine('a:b', 'x')).rejects.toMatchObject({ exitCode: 64 })
  })
})

describe('a login for a registry', () => {
  const hub = 'https://index.docker.io/v1/'
  it.each([
    ['ghcr.io', 'ghcr.io'],
    ['registry.example.com:5000', 'registry.example.com:5000'],
    ['docker.io', hub],
    [hub, hub],
  ])('%s goes by %s', (server, expected) => {
    const text = dockerConfig({ server, username: 'alice', password: 'p:w' })
    expect(JSON.parse(text)).toEqual({
      auths: { [expected]: { username: 'alice', password: 'p:w', auth: btoa('alice:p:w') } },
    })
  })
})

describe('a TLS certificate', () => {
  it('that signs itself holds its names and addresses, and openssl verifies it', async () => {
    const pair = await selfSigned(['web.example.com', '*.example.com', '192.168.1.9'], { days: 90, now })
    const parsed = new X509Certificate(pair.certificate)
    expect(parsed.subject).toBe('CN=web.example.com')
    expect(parsed.subjectAltName).toBe('DNS:web.example.com, DNS:*.example.com, IP Address:192.168.1.9')
    expect(checkTlsPair(pair, { now, certificateFile: 'a.crt', keyFile: 'a.key' })).toEqual([])
    const folder = temporaryFolder({ 'tls.crt': pair.certificate })
    const certificate = join(folder, 'tls.crt')
    const at = String(now.getTime() / 1000)
    const { stdout } = await run('openssl', ['verify', '-attime', at, '-CAfile', certificate, certificate])
    expect(stdout).toContain('tls.crt: OK')
  })

  it('is refused with the key of another, after its end, and as anything but PEM', async () => {
    const pair = await selfSigned(['a.lan'], { days: 10, now })
    const other = await selfSigned(['b.lan'], { days: 10, now })
    const files = { certificateFile: 'a.crt', keyFile: 'a.key' }
    const check = (certificate: string, key: string, at = now) =>
      checkTlsPair({ certificate, key }, { now: at, ...files })
    expect(() => check(pair.certificate, other.key)).toThrow('belongs to another certificate than a.crt')
    expect(() => check(pair.certificate, pair.key, new Date('2027-01-01'))).toThrow('ended on 2026-12-01')
    expect(() => check('x', pair.key)).toThrow('is not a certificate in PEM')
    expect(() => check(pair.certificate, 'x')).toThrow('is not a private key in PEM')
    expect(check(pair.certificate, pair.key)).toMatchObject([{ severity: 'warning' }])
  })
})
