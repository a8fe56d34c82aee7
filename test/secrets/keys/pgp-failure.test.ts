import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createPgpKeys } from '../../../tasks/lib/secrets/keys/pgp/pgp.ts'
import { temporaryFolder, writeScript } from '../../support/folder.ts'
import { type GpgHome, gpgHome, makeKey } from '../../support/gpg.ts'

const clear = new Uint8Array(32).fill(7)

describe('a pinentry', () => {
  // What a pinentry answers to GETPIN: codes of libgpg-error, with the pinentry as their source.
  const answers = [
    { answer: 'ERR 83886179 cancelled', message: 'the question for the passphrase was cancelled' },
    { answer: 'ERR 83886278 cancelled', message: 'the question for the passphrase was cancelled' },
    { answer: 'ERR 83886142 timeout', message: 'nobody answered the question for the passphrase in time' },
    { answer: 'ERR 83918950 no tty', message: 'gpg cannot ask for the passphrase: it has no terminal' },
    { answer: 'D wrong\nOK', message: 'the passphrase is wrong' },
  ]
  test.each(answers)('that says "$answer" is said in words', async ({ answer, message }) => {
    const { home, enc } = await lockedMessage()
    const pinentry = await writeScript(join(home.folder, 'pinentry'), pinentryScript(answer))
    await writeFile(join(home.folder, 'gpg-agent.conf'), `pinentry-program ${pinentry}\n`)
    home.endAgent()
    const keys = createPgpKeys({ environment: home.environment, publicKeys: ['/no/keys'] })
    await expect(keys.unwrap({ type: 'pgp', fp: '', enc })).rejects.toMatchObject({
      message,
      tried: ['/no/keys', `gpg with ${home.folder}`],
    })
  })

  test('is asked once for many files, and gpg keeps the passphrase', async () => {
    const { home, enc } = await lockedMessage()
    const log = join(home.folder, 'asked')
    const script = pinentryScript('D secret\nOK').replace('GETPIN*)', `GETPIN*) echo asked >> '${log}';`)
    const pinentry = await writeScript(join(home.folder, 'pinentry'), script)
    await writeFile(join(home.folder, 'gpg-agent.conf'), `pinentry-program ${pinentry}\n`)
    home.endAgent()
    const keys = createPgpKeys({ environment: home.environment, publicKeys: [] })
    const opened = await Promise.all(
      Array.from({ length: 12 }, () => keys.unwrap({ type: 'pgp', fp: '', enc })),
    )
    expect(opened).toEqual(Array(12).fill(clear))
    expect(await readFile(log, 'utf8')).toBe('asked\n')
  })
})

describe('gpg', () => {
  const fp = '0123456789012345678901234567890123456789'
  // ENC_TO and DECRYPTION_FAILED come with each of them; the rest is what tells them apart.
  const failures = [
    { says: 'NO_SECKEY AAAABBBBCCCCDDDD', message: 'gpg has no secret key for it' },
    { says: 'ERROR pkdecrypt_failed 67108949', message: 'gpg has no way to ask for the passphrase' },
    { says: 'ERROR pkdecrypt_failed 100663404', message: 'the smartcard failed' },
    { says: 'ERROR pkdecrypt_failed 100663408', message: 'the smartcard is not there' },
  ]
  test.each(failures)('that says "$says" is said in words', async ({ says, message }) => {
    const keys = await fakeGpg(`echo '[GNUPG:] ENC_TO AAAABBBBCCCCDDDD 18 0\n[GNUPG:] ${says}' >&2; exit 2`)
    await expect(keys.unwrap({ type: 'pgp', fp, enc: anyMessage })).rejects.toMatchObject({ message })
  })

  test('that fails without a code is quoted', async () => {
    const keys = await fakeGpg("echo 'gpg: the moon is full' >&2; exit 2")
    await expect(keys.unwrap({ type: 'pgp', fp, enc: anyMessage })).rejects.toMatchObject({
      message: 'gpg: the moon is full',
    })
  })

  test('that cannot start its agent is told from one that has no key', async () => {
    const text =
      "gpg: can't connect to the agent: IPC connect call failed\n[GNUPG:] NO_SECKEY AAAABBBBCCCCDDDD"
    const keys = await fakeGpg(`cat >&2 <<'END'\n${text}\nEND\nexit 2`)
    await expect(keys.unwrap({ type: 'pgp', fp, enc: anyMessage })).rejects.toMatchObject({
      message: 'gpg-agent cannot be started',
      hint: 'apt install gpg-agent',
    })
  })

  test('that ends well and gives nothing is too old for the message', async () => {
    const keys = await fakeGpg('cat > /dev/null')
    await expect(keys.unwrap({ type: 'pgp', fp, enc: anyMessage })).rejects.toMatchObject({
      message: 'gpg gave nothing: it cannot read this form of encryption',
      hint: 'it was encrypted by a newer gpg: update gpg to 2.2.21 or newer',
    })
  })

  test('whose agent is out of memory is asked again', async () => {
    const folder = await temporaryFolder()
    const keys = await fakeGpg(
      `[ -e '${folder}/once' ] && { printf 0123456789; exit; }
      touch '${folder}/once'; echo '[GNUPG:] ERROR pkdecrypt_failed 67141718' >&2; exit 2`,
    )
    expect(Buffer.from(await keys.unwrap({ type: 'pgp', fp, enc: anyMessage })).toString()).toBe('0123456789')
  })

  test('that is not installed is named with the way to install it', async () => {
    const environment = { PATH: '/no/programs' }
    const keys = createPgpKeys({ environment, publicKeys: ['/no/keys'] })
    const missing = {
      message: 'gpg is not installed',
      hint: 'apt install gnupg, or add its folder to PATH',
      tried: ['/no/keys', 'gpg'],
    }
    await expect(keys.unwrap({ type: 'pgp', fp, enc: anyMessage })).rejects.toMatchObject(missing)
    await expect(keys.wrap({ type: 'pgp', fp }, clear)).rejects.toMatchObject(missing)
  })

  test('runs four at a time, and no more', async () => {
    const folder = await temporaryFolder()
    const keys = await fakeGpg(
      `mkdir '${folder}/'$$; ls '${folder}' | grep -v '^most' | wc -l >> '${folder}/most'
      sleep 0.1; rmdir '${folder}/'$$; printf 0123456789`,
    )
    await Promise.all(Array.from({ length: 12 }, () => keys.unwrap({ type: 'pgp', fp, enc: anyMessage })))
    const counts = (await readFile(join(folder, 'most'), 'utf8')).trim().split('\n').map(Number)
    expect(counts).toHaveLength(12)
    expect(Math.max(...counts)).toBeLessThanOrEqual(4)
    expect(Math.max(...counts)).toBeGreaterThan(1)
  })

  test('never sees a secret in its arguments or its environment', async () => {
    const folder = await temporaryFolder()
    const keys = await fakeGpg(`env > '${folder}/env'; echo "$@" > '${folder}/words'; printf 0123456789`, {
      SOPS_AGE_KEY: 'AGE-SECRET-KEY-1',
      DB_PASSWORD: 'hunter2',
      GNUPGHOME: folder,
    })
    await keys.unwrap({ type: 'pgp', fp, enc: anyMessage })
    const env = await readFile(join(folder, 'env'), 'utf8')
    expect(env).toContain(`GNUPGHOME=${folder}`)
    expect(env).not.toMatch(/AGE-SECRET|hunter2/)
    expect(await readFile(join(folder, 'words'), 'utf8')).toBe('--status-fd 2 -d\n')
  })
})

test('what is no PGP message is refused before gpg is asked', async () => {
  const keys = createPgpKeys({ environment: { PATH: '/no/programs' }, publicKeys: [] })
  for (const enc of ['', 'x', '-----BEGIN PGP MESSAGE-----\n\nAAAA\n-----END PGP MESSAGE-----']) {
    await expect(keys.unwrap({ type: 'pgp', fp: '', enc })).rejects.toMatchObject({
      message: 'its enc is not a PGP message for anybody: the file is damaged',
    })
  }
})

/** A session key for AAAABBBBCCCCDDDD that nobody can open, and nothing behind it. */
const anyMessage = [
  '-----BEGIN PGP MESSAGE-----',
  '',
  Buffer.from('c10c03aaaabbbbccccdddd12000000', 'hex').toString('base64'),
  '-----END PGP MESSAGE-----',
].join('\n')

async function fakeGpg(script: string, environment: Record<string, string> = {}) {
  const file = await writeScript(join(await temporaryFolder(), 'gpg'), script)
  const all = { PATH: process.env.PATH, ...environment, SOPS_GPG_EXEC: file }
  return createPgpKeys({ environment: all, publicKeys: [] })
}

async function lockedMessage(): Promise<{ home: GpgHome; enc: string }> {
  const home = await gpgHome()
  onTestFinished(() => home.remove())
  makeKey(home, { name: 'ada', passphrase: 'secret' })
  const words = ['--trust-model', 'always', '--armor', '--encrypt', '-r', 'ada']
  return { home, enc: home.gpg(words, { input: clear }).toString() }
}

function pinentryScript(answer: string): string {
  const lines = answer.split('\n').map((line) => `echo '${line}'`)
  return `echo OK\nwhile read -r line; do case $line in GETPIN*) ${lines.join('; ')};; BYE*) exit;; *) echo OK;; esac; done`
}
