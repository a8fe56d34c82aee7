import type { Finding } from '../../cli/errors.ts'
import { UsageError } from '../../cli/errors.ts'
import { registerSecret } from '../../cli/redact.ts'
import type { SecretValues } from './secret-values.ts'

/** What --type takes. */
export const secretTypes = ['opaque', 'tls', 'docker-registry', 'basic-auth', 'ssh'] as const
export type SecretType = (typeof secretTypes)[number]

/** What a type of Secret is in Kubernetes, and what has to be given for it. */
export interface TypeDefinition {
  kubernetesType: string
  /** In words, for the question which type it is to be. */
  meaning: string
  /** What has to be given; `hidden` where it is a secret. */
  needs: { key: string; hidden: boolean; usual?: string }[]
  /** Other keys that may be given too; any where it is undefined. */
  others?: string[]
}

export const typeDefinitions: Record<SecretType, TypeDefinition> = {
  opaque: { kubernetesType: 'Opaque', meaning: 'any keys and values', needs: [] },
  tls: {
    kubernetesType: 'kubernetes.io/tls',
    meaning: 'a certificate and its private key',
    needs: [
      { key: 'tls.crt', hidden: false },
      { key: 'tls.key', hidden: true },
    ],
    others: ['ca.crt'],
  },
  'docker-registry': {
    kubernetesType: 'kubernetes.io/dockerconfigjson',
    meaning: 'the login to a registry of container images',
    needs: [
      { key: 'server', hidden: false, usual: 'docker.io' },
      { key: 'username', hidden: false },
      { key: 'password', hidden: true },
    ],
    others: ['email', '.dockerconfigjson'],
  },
  'basic-auth': {
    kubernetesType: 'kubernetes.io/basic-auth',
    meaning: 'user name and password, with the htpasswd line for an ingress',
    needs: [
      { key: 'username', hidden: false, usual: 'admin' },
      { key: 'password', hidden: true },
    ],
    others: ['auth'],
  },
  ssh: {
    kubernetesType: 'kubernetes.io/ssh-auth',
    meaning: 'an ssh key pair',
    needs: [{ key: 'ssh-privatekey', hidden: true }],
    others: ['ssh-publickey', 'known_hosts'],
  },
}

/** What is still missing of the values that a type needs; "a value" for one that takes any and has none. */
export function missingOf(type: SecretType, values: SecretValues): TypeDefinition['needs'] {
  if (values['.dockerconfigjson'] !== undefined) return []
  return typeDefinitions[type].needs.filter(({ key }) => !Object.hasOwn(values, key))
}

/** The values as they go into the Secret: checked, and with what is computed of them. */
export async function composeValues(
  type: SecretType,
  values: SecretValues,
  { now }: { now: Date },
): Promise<{ values: SecretValues; findings: Finding[] }> {
  checkOthers(type, values)
  if (type === 'tls') return { values, findings: await tlsFindings(values, now) }
  if (type === 'basic-auth') return { values: await withHtpasswd(values), findings: [] }
  if (type === 'docker-registry') return { values: await registryValues(values), findings: [] }
  return { values: type === 'ssh' ? withLineEnd(values) : values, findings: [] }
}

function checkOthers(type: SecretType, values: SecretValues): void {
  const { needs, others } = typeDefinitions[type]
  if (!others) return
  const known = [...needs.map(({ key }) => key), ...others]
  const odd = Object.keys(values).filter((key) => !known.includes(key))
  if (odd.length === 0) return
  throw new UsageError(`a Secret of type ${type} has no ${odd.join(', ')}: it takes ${known.join(', ')}`, {
    hint: 'without --type it takes any keys',
  })
}

async function tlsFindings(values: SecretValues, now: Date): Promise<Finding[]> {
  const { checkTlsPair } = await import('../generate/tls.ts')
  const pair = { certificate: String(values['tls.crt']), key: String(values['tls.key']) }
  return checkTlsPair(pair, { now, certificateFile: 'tls.crt', keyFile: 'tls.key' })
}

async function withHtpasswd(values: SecretValues): Promise<SecretValues> {
  if (values.auth !== undefined) return values
  const { htpasswdLine } = await import('../generate/htpasswd.ts')
  const auth = await htpasswdLine(String(values.username), String(values.password))
  registerSecret(auth.trim())
  return { ...values, auth }
}

async function registryValues(values: SecretValues): Promise<SecretValues> {
  const given = values['.dockerconfigjson']
  if (given !== undefined) return { '.dockerconfigjson': given }
  const { dockerConfig } = await import('../generate/docker-config.ts')
  const { server, username, password, email } = values as Record<string, string>
  const text = dockerConfig({ server: server!, username: username!, password: password!, email })
  registerSecret(text)
  return { '.dockerconfigjson': text }
}

// ssh refuses a private key whose last line has no end.
function withLineEnd(values: SecretValues): SecretValues {
  const key = values['ssh-privatekey']
  return typeof key === 'string' && !key.endsWith('\n') ? { ...values, 'ssh-privatekey': `${key}\n` } : values
}
