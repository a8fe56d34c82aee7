import type { FileType } from '../stores/store.ts'

const marks: Record<FileType, RegExp> = {
  yaml: /^["']?sops["']?:/m,
  json: /"sops"\s*:\s*\{/,
  dotenv: /^sops_mac=/m,
  ini: /^\[sops\]/m,
  binary: /^\{[\s\S]*"sops"\s*:\s*\{/,
}
const leftovers = [/\.decrypted(?:~|\.\w+)?$/, /\.dec(?:\.(?:ya?ml|json|env|ini))?$/]
const keyrings = /(?:^|\/)(?:secring\.gpg|private-keys-v1\.d\/[^/]+\.key)$/

/** Whether a text carries the metadata of sops. */
export function hasMetadata(text: string, type: FileType): boolean {
  return marks[type].test(text)
}

/** What Kubernetes objects are written in. */
export function isManifest(type: FileType): boolean {
  return type === 'yaml' || type === 'json'
}

/** Whether values stand in it that sops encrypted. */
export function hasCiphertext(bytes: Buffer): boolean {
  return bytes.includes('ENC[AES256_GCM,data:')
}

/** Files that secrets have been decrypted into, by their names: web.yaml.dec, web.decrypted.yaml. */
export function isLeftover(path: string): boolean {
  return leftovers.some((pattern) => pattern.test(path))
}

/** A keyring of gpg with private keys, by its name. */
export function isKeyring(path: string): boolean {
  return keyrings.test(path)
}

/** What may lie in clear in a folder of secrets: public keys, READMEs, files that git and sops read. */
export function isPublic(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (/^README(?:\.\w+)?$/i.test(name) || /(?:^|\/)keys\/[^/]+\.(?:asc|age|pub)$/.test(path)) return true
  return name.startsWith('.') && !name.startsWith('.env')
}
