import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sealText } from '../../tasks/lib/secrets/engine.ts'
import { createAgeKey } from '../../tasks/lib/secrets/keys/age/create.ts'
import { createKeyring } from '../../tasks/lib/secrets/keys/keyring.ts'
import type { MasterKey } from '../../tasks/lib/secrets/keys/master-key.ts'
import { createPgpKey } from '../../tasks/lib/secrets/keys/pgp/create.ts'

/** A folder of encrypted Kubernetes Secrets, and an environment in which their key is found and no other. */
export interface SecretTree {
  folder: string
  /** Absolute paths. */
  files: string[]
  env: Record<string, string>
}

/** Secrets for an X25519 key in keys.txt. */
export async function ageTree(folder: string, count: number): Promise<SecretTree> {
  const home = join(folder, `age-${count}`)
  const env = await makeHome(home)
  const { recipient, text } = await createAgeKey()
  const keys = join(home, 'keys.txt')
  await writeFile(keys, text, { mode: 0o600 })
  const key = { type: 'age', recipient } as const
  return writeTree(join(home, 'secrets'), { count, key, env: { ...env, SOPS_AGE_KEY_FILE: keys } })
}

/** Secrets for an ECC key in secring.gpg: sops looks there before it asks gpg. */
export async function pgpTree(folder: string, count: number): Promise<SecretTree> {
  const { readPrivateKey } = await import('openpgp')
  const home = join(folder, `pgp-${count}`)
  const env = await makeHome(home)
  const { fingerprint: fp, privateArmored } = await createPgpKey({ name: 'bench', kind: 'ecc' })
  const key = await readPrivateKey({ armoredKey: privateArmored })
  await writeFile(join(home, '.gnupg', 'secring.gpg'), key.write(), { mode: 0o600 })
  return writeTree(join(home, 'secrets'), { count, key: { type: 'pgp', fp }, env })
}

// The home folder of whoever runs this may have keys of its own.
async function makeHome(home: string): Promise<Record<string, string>> {
  const gnupg = join(home, '.gnupg')
  await mkdir(gnupg, { recursive: true, mode: 0o700 })
  return { HOME: home, XDG_CONFIG_HOME: home, GNUPGHOME: gnupg, SOPS_DISABLE_VERSION_CHECK: '1' }
}

// Laid out as sops lays files out.
async function writeTree(
  folder: string,
  { count, key, env }: { count: number; key: MasterKey; env: Record<string, string> },
): Promise<SecretTree> {
  await mkdir(folder, { recursive: true })
  const keyring = createKeyring({ environment: env, home: env.HOME, publicKeys: [] })
  const policy = { groups: [[key]], selector, macOnlyEncrypted: false }
  const files: string[] = []
  for (let index = 0; index < count; index++) {
    const file = join(folder, `secret-${index}.yaml`)
    const options = { file, type: 'yaml', policy, keyring, now: new Date(), canonical: true } as const
    await writeFile(file, await sealText(Buffer.from(secretManifest(index)), options))
    files.push(file)
  }
  return { folder, files, env }
}

const selector = { kind: 'encrypted_regex', value: '^(data|stringData)$' } as const

function secretManifest(index: number): string {
  return `apiVersion: v1
kind: Secret
metadata:
    name: database-${index}
    namespace: shop
type: Opaque
stringData:
    # of the shop's own account
    username: shop-${index}
    password: correct-horse-${index}-battery-staple
    url: postgres://shop-${index}@db.shop.svc:5432/shop?sslmode=verify-full
    settings.ini: |
        [pool]
        size = ${index}
        timeout = 30
`
}

/** Rules that ask for what the trees have. */
export const rulesText = `creation_rules:
    - path_regex: ^secrets/
      encrypted_regex: ^(data|stringData)$
      age: age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq
`

/** A manifest that holds no secret, but names some. */
export function deploymentText(index: number): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop-${index}
spec:
  selector:
    matchLabels: { app: shop-${index} }
  template:
    metadata:
      labels: { app: shop-${index} }
    spec:
      containers:
        - name: shop
          image: registry.example.org/shop:${index}
          env:
            - name: PASSWORD
              valueFrom:
                secretKeyRef: { name: database-${index}, key: password }
`
}
