import { createAgeKey } from '../../tasks/lib/secrets/keys/age/create.ts'
import { createKeyring } from '../../tasks/lib/secrets/keys/keyring.ts'
import { type SecretProject, secretProject } from '../../tasks/lib/secrets/project.ts'
import { temporaryFolder, writeFiles } from '../support/cli.ts'

/** A project whose rules name one key, which is at hand. */
export async function keyedProject(
  rule = (recipient: string) => `encrypted_regex: ^(data|stringData)$, age: ${recipient}`,
  root = temporaryFolder(),
): Promise<SecretProject> {
  const { recipient, identity } = await createAgeKey()
  writeFiles(root, { '.sops.yaml': `creation_rules: [{path_regex: ^secrets/, ${rule(recipient)}}]\n` })
  return withKey(root, identity)
}

/** A project without any rule. */
export function keylessProject(): SecretProject {
  return withKey(temporaryFolder({ 'cluster.yaml': '' }), '')
}

function withKey(root: string, identity: string): SecretProject {
  const project = secretProject({ root, output: { findings: () => {} } })
  const keyring = createKeyring({ environment: { SOPS_AGE_KEY: identity }, publicKeys: [] })
  return { ...project, keyring, readSealed: project.readSealed }
}
