import { createHash } from 'node:crypto'
import { text } from '../../api/kubeconfig/kubeconfig-entry.ts'
import { asFields, type Fields } from '../../api/kubeconfig/kubeconfig-files.ts'
import { dayOf, heldCertificate } from './held-certificate.ts'
import { serverOf } from './kubeconfig-cluster.ts'
import type { ContextContent } from './kubeconfig-present.ts'

/** What a context says, for the plan: no key, token or password among it. `login` says it of one still to come. */
export function contextLines(
  name: string,
  content: ContextContent | undefined,
  login = content && loginText(content.user),
): string[] {
  if (!content) return []
  const { cluster, namespace } = content
  return [
    `context ${name}:`,
    `  server ${serverOf(cluster)}`,
    `  trusted by ${trustText(cluster)}`,
    `  login ${login}`,
    `  namespace ${namespace ?? 'default'}`,
  ]
}

function trustText(cluster: Fields): string {
  if (cluster['insecure-skip-tls-verify'] === true) return 'nobody: insecure-skip-tls-verify'
  const data = text(cluster, 'certificate-authority-data')
  if (data === undefined) return "this machine's authorities"
  return `authority sha256:${createHash('sha256').update(Buffer.from(data, 'base64')).digest('hex').slice(0, 16)}`
}

function loginText(user: Fields): string {
  const held = heldCertificate(user)
  if (held) return `certificate of ${held.user} in ${held.group ?? 'no group'} until ${dayOf(held.until)}`
  if (text(user, 'token')) return 'token'
  const tokenFile = text(user, 'tokenFile')
  if (tokenFile) return `token in ${tokenFile}`
  const command = text(asFields(user.exec), 'command')
  if (command) return `by the plugin ${command}`
  return text(user, 'username') ? 'name and password' : 'none'
}
