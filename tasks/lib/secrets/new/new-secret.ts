import { type Finding, UsageError } from '../../cli/errors.ts'
import { keyPlaces } from '../keys/places.ts'
import { type Access, accessFor } from '../operator/access.ts'
import type { SecretProject } from '../project.ts'
import { type Gathering, gatherValues } from './gather-values.ts'
import { dotenvText, secretManifest } from './manifest-text.ts'
import { newSecretName, type SecretName } from './secret-name.ts'
import { composeValues, typeDefinitions } from './secret-type.ts'
import { checkVariables, type SecretValues } from './secret-values.ts'
import { writeSecret } from './write-secret.ts'

/** What `tasks secrets:new` takes, beside what it asks. */
export interface NewSecret extends Omit<Gathering, 'owner' | 'secretName'> {
  /** "db", "team/db". */
  typed: string
  /** A Secret's manifest, or variables for secrets:exec. */
  kind: 'Secret' | 'env'
  namespace?: string
  /** The operator's name, for a key that has to be made. */
  person: string
  dryRun: boolean
}

/** What was made, or would be. */
export interface MadeSecret {
  name: SecretName
  /** In Kubernetes' words: "kubernetes.io/tls"; not there for variables. */
  type?: string
  keys: string[]
  /** Not there in a dry run. */
  access?: Access
  findings: Finding[]
}

/** Makes an encrypted file for a new secret; its clear text is in memory only. Checks everything before it changes anything. */
export async function newSecret(secret: NewSecret, project: SecretProject): Promise<MadeSecret> {
  const { typed, kind, person, now, dryRun, signal } = secret
  const ending = kind === 'env' ? ('env' as const) : undefined
  const name = await newSecretName(typed, { folder: project.folder, shown: 'secrets', ending })
  const gathered = await gatherValues({
    ...secret,
    owner: person,
    secretName: typed,
    ...(ending && { type: 'opaque' }),
  })
  const { values, findings } = await composeValues(gathered.type, gathered.values, { now })
  const type = ending ? undefined : typeDefinitions[gathered.type].kubernetesType
  checkSize(values)
  const made = { name, ...(type && { type }), keys: Object.keys(values), findings }
  const text = clearText(values, { ...secret, name, type })
  if (dryRun) return made
  signal.throwIfAborted()
  const places = keyPlaces({ publicKeys: [project.keysFolder], signal })
  const access = await accessFor(name.file, { project, places, name: person, now })
  const shown = project.shown(name.file)
  await writeSecret(text, { file: name.file, shown, access, keyring: project.keyring, now })
  return { ...made, access, findings: [...findings, ...access.findings] }
}

// Source: MaxSecretSize of Kubernetes.
function checkSize(values: SecretValues): void {
  const bytes = Object.values(values).reduce((sum, value) => sum + Buffer.byteLength(value), 0)
  if (bytes <= 1024 * 1024) return
  throw new UsageError(`the values have ${bytes} bytes together: a Secret holds 1 MiB at most`)
}

function clearText(
  values: SecretValues,
  { name, namespace, type }: { name: SecretName; namespace?: string; type: string | undefined },
): string {
  if (type) return secretManifest({ name: name.name, namespace, type, values })
  checkVariables(Object.keys(values))
  return dotenvText(values)
}
