import { join } from 'node:path'
import { type AgeKey, type KeyGroup, keyIdentity, type PgpKey } from '../keys/master-key.ts'
import type { SecretProject } from '../project.ts'
import { type Rules, readRules } from '../rules/rules.ts'
import { addRecipient } from '../rules/write.ts'

/**
 * Rules for a project that has encrypted files and none yet: for those who can read all of them. Without them a new
 * key would be the only recipient of the rules, and the next `tasks secrets:updatekeys` would lock everybody else out.
 */
export async function adoptRecipients(
  project: Pick<SecretProject, 'root' | 'list' | 'readSealed'>,
): Promise<Rules | undefined> {
  const files = await project.list()
  const read = files.map((file) => project.readSealed(file).catch(() => undefined))
  const sealed = (await Promise.all(read)).filter((document) => document !== undefined)
  const readers = commonKeys(sealed.map(({ metadata }) => metadata.groups))
  if (readers.length === 0) return undefined
  const file = join(project.root, '.sops.yaml')
  for (const key of readers) await addRecipient(file, key)
  return readRules(file)
}

// Key groups, and keys in services, take a person to write down.
function commonKeys(files: KeyGroup[][]): (AgeKey | PgpKey)[] {
  const [first, ...others] = files.map((groups) => (groups.length === 1 ? groups[0]! : []))
  const isWritable = (key: KeyGroup[number]) => key.type === 'age' || key.type === 'pgp'
  const has = (group: KeyGroup, key: KeyGroup[number]) =>
    group.some((one) => keyIdentity(one) === keyIdentity(key))
  return (first ?? []).filter(isWritable).filter((key) => others.every((group) => has(group, key)))
}
