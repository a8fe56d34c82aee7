import { parse, stringify } from 'yaml'
import { TaskError } from '../../cli/errors.ts'
import { registerSecret } from '../../cli/redact.ts'
import type { EncryptionKey } from './encryption.ts'

/** A key of one provider as the file lists it; `identity` has neither name nor secret: what it reads is in clear. */
export interface ProviderKey extends EncryptionKey {
  provider: 'secretbox' | 'aescbc' | 'aesgcm' | 'identity'
}

/** A key as we make them. */
export function secretboxKey({ name, secret }: EncryptionKey): ProviderKey {
  return { provider: 'secretbox', name, secret }
}

/** The text of /etc/kubernetes/enc/config.yaml: the first key writes, all of them read. The same keys, the same bytes. */
export function encryptionFile(keys: readonly ProviderKey[]): string {
  const providers: Record<string, { keys?: EncryptionKey[] }>[] = []
  for (const { provider, name, secret } of keys) {
    const last = providers.at(-1)?.[provider]
    if (provider === 'identity') providers.push({ identity: {} })
    else if (last?.keys) last.keys.push({ name, secret })
    else providers.push({ [provider]: { keys: [{ name, secret }] } })
  }
  const configuration = {
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'EncryptionConfiguration',
    resources: [{ resources: ['secrets'], providers }],
  }
  // As Kubernetes reads it: a key may be named yes.
  return stringify(configuration, { version: '1.1' })
}

/** The keys of such a file, in its order. A TaskError where it encrypts otherwise than we can follow. */
export function readEncryptionFile(text: string, { shown }: { shown: string }): ProviderKey[] {
  const entries = resourcesOf(text, shown)
  const [entry] = entries
  if (entries.length !== 1 || String(entry?.resources) !== 'secrets')
    throw notFollowed(shown, 'it encrypts something else than Secrets alone')
  const keys = (entry!.providers ?? []).flatMap((provider) => keysOf(provider, shown))
  if (keys.length === 0) throw notFollowed(shown, 'it names no provider')
  return keys
}

/** What values begin with in etcd that were written with this key; undefined for identity, which adds nothing. */
export function valuePrefix({ provider, name }: Pick<ProviderKey, 'provider' | 'name'>): string | undefined {
  return provider === 'identity' ? undefined : `k8s:enc:${provider}:v1:${name}:`
}

interface Resources {
  resources?: string[]
  providers?: Record<string, { keys?: EncryptionKey[] } | null>[]
}

function resourcesOf(text: string, shown: string): Resources[] {
  let file: { kind?: string; resources?: Resources[] } | null
  try {
    file = parse(text)
  } catch {
    // The words of the parser would quote the line, with the key in it.
    throw new TaskError(`${shown} is not YAML`, { hint: 'look at it on the machine' })
  }
  if (file?.kind !== 'EncryptionConfiguration') throw notFollowed(shown, 'it is no EncryptionConfiguration')
  return file.resources ?? []
}

function keysOf(entry: NonNullable<Resources['providers']>[number], shown: string): ProviderKey[] {
  return Object.entries(entry).flatMap(([provider, settings]): ProviderKey[] => {
    if (provider === 'identity') return [{ provider, name: '', secret: '' }]
    if (!isKnown(provider)) throw notFollowed(shown, `it has the provider ${provider}`)
    return (settings?.keys ?? []).map(({ name, secret }) => {
      registerSecret(secret)
      return { provider, name, secret }
    })
  })
}

function isKnown(provider: string): provider is Exclude<ProviderKey['provider'], 'identity'> {
  return ['secretbox', 'aescbc', 'aesgcm'].includes(provider)
}

function notFollowed(shown: string, why: string): TaskError {
  return new TaskError(`${shown}: ${why}: its keys cannot be replaced by this`, {
    hint: 'https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/#rotating-a-decryption-key',
  })
}
