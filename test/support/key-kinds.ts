import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createKeyring, type Keyring } from '../../tasks/lib/secrets/keys/keyring.ts'
import type { KeyGroup, MasterKey } from '../../tasks/lib/secrets/keys/master-key.ts'
import { gpgHome, makeKey } from './gpg.ts'
import { freshAgeKey, noKeys } from './sops.ts'

export const keyKinds = [
  'age',
  'post-quantum age',
  'ssh-ed25519',
  'ssh-rsa',
  'PGP with ECC',
  'PGP with RSA',
  'two of three groups',
] as const
export type KeyKind = (typeof keyKinds)[number]

/** Who can open a file, and an environment in which only these keys are at hand. */
export interface Holder {
  groups: KeyGroup[]
  threshold?: number
  env: Record<string, string>
  keyring: Keyring
}

/** A fresh key of each kind, in folders of their own. */
export async function makeHolders(): Promise<{ holders: Record<KeyKind, Holder>; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'keys-'))
  const gnupg = await gpgHome()
  const ecc = makeKey(gnupg, { name: 'ecc' })
  const rsa = makeKey(gnupg, { name: 'rsa', primary: 'rsa2048', subkey: 'rsa2048' })
  const [age, quantum] = [freshAgeKey(), freshAgeKey({ postQuantum: true })]
  const sshKeys = await Promise.all(['ed25519', 'rsa'].map((type) => sshKey(folder, type)))
  const [ed25519, sshRsa] = sshKeys as [SshKey, SshKey]
  const pgp = (fp: string): MasterKey => ({ type: 'pgp', fp })
  const recipient = (text: string): MasterKey => ({ type: 'age', recipient: text })
  const pgpEnv = { GNUPGHOME: gnupg.folder }
  const holder = (keys: MasterKey[], env: Record<string, string>) => holderOf([keys], { env })
  const groups = [[recipient(age.recipient)], [recipient(ed25519.recipient)], [pgp(ecc)]]
  return {
    holders: {
      age: holder([recipient(age.recipient)], { SOPS_AGE_KEY: age.identity }),
      'post-quantum age': holder([recipient(quantum.recipient)], { SOPS_AGE_KEY: quantum.identity }),
      'ssh-ed25519': holder([recipient(ed25519.recipient)], { SOPS_AGE_SSH_PRIVATE_KEY_FILE: ed25519.file }),
      'ssh-rsa': holder([recipient(sshRsa.recipient)], { SOPS_AGE_SSH_PRIVATE_KEY_FILE: sshRsa.file }),
      'PGP with ECC': holder([pgp(ecc)], pgpEnv),
      'PGP with RSA': holder([pgp(rsa)], pgpEnv),
      'two of three groups': holderOf(groups, {
        threshold: 2,
        env: { ...pgpEnv, SOPS_AGE_KEY: age.identity },
      }),
    },
    async remove() {
      await gnupg.remove()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** A holder whose keyring finds what an environment has, and nothing of the person who runs the tests. */
export function holderOf(
  groups: KeyGroup[],
  { threshold, env: given }: { threshold?: number; env: Record<string, string> },
): Holder {
  const env = { ...noKeys, ...given }
  return {
    groups,
    threshold,
    env,
    keyring: createKeyring({ environment: env, home: env.HOME, publicKeys: [] }),
  }
}

interface SshKey {
  file: string
  recipient: string
}

async function sshKey(folder: string, type: string): Promise<SshKey> {
  const file = join(folder, type)
  const words = ['-q', '-t', type, ...(type === 'rsa' ? ['-b', '2048'] : []), '-N', '', '-C', '', '-f', file]
  const { status, stderr } = spawnSync('ssh-keygen', words)
  if (status !== 0) throw new Error(String(stderr))
  return { file, recipient: (await readFile(`${file}.pub`, 'utf8')).trim() }
}
