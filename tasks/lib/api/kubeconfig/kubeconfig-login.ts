import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { registerSecret } from '../../cli/redact.ts'
import { kubeconfigError, type Pem, pemOf, type Reading, text, texts } from './kubeconfig-entry.ts'
import { asFields, type Entry, type Fields } from './kubeconfig-files.ts'

/** Who asks, and what proves it. */
export interface Login {
  certificate?: Pem
  key?: Pem
  token?: string
  tokenFile?: string
  username?: string
  password?: string
  as?: { user?: string; uid?: string; groups: string[]; extra: Record<string, string[]> }
  exec?: ExecPlugin
}

/** A program that answers with credentials (client.authentication.k8s.io). */
export interface ExecPlugin {
  apiVersion: string
  command: string
  args: string[]
  env: Record<string, string>
  installHint?: string
  interactiveMode: string
  /** Given to the plugin where it asks for it. */
  clusterInfo?: Fields
}

/** What a user entry says; its secrets are registered for redaction. */
export function readLogin(entry: Entry, { config, usedBy, cluster }: Reading & { cluster: Entry }): Login {
  const { fields, folder } = entry
  const tokenFile = text(fields, 'tokenFile')
  const login: Login = {
    certificate: pemOf(fields, { field: 'client-certificate', folder, config, usedBy }),
    key: pemOf(fields, { field: 'client-key', folder, config, usedBy }),
    token: tokenFile ? undefined : text(fields, 'token'),
    tokenFile: tokenFile && resolve(folder, tokenFile),
    username: text(fields, 'username'),
    password: text(fields, 'password'),
    as: impersonation(fields),
    exec: execPlugin(entry, { config, usedBy, cluster }),
  }
  for (const secret of [login.token, login.password, login.key?.text]) registerSecret(secret)
  if (login.certificate && !login.key) {
    throw kubeconfigError(config, `has a client-certificate without its client-key in ${usedBy}`, {
      hint: 'add client-key there',
    })
  }
  return login
}

function impersonation(fields: Fields): Login['as'] {
  const user = text(fields, 'as')
  const uid = text(fields, 'as-uid')
  const groups = texts(fields['as-groups'])
  const extra = Object.entries(asFields(fields['as-user-extra'])).map(([key, values]) => [key, texts(values)])
  if (!user && !uid && groups.length === 0 && extra.length === 0) return undefined
  return { user, uid, groups, extra: Object.fromEntries(extra) }
}

function execPlugin(
  { fields, folder }: Entry,
  { config, usedBy, cluster }: Reading & { cluster: Entry },
): ExecPlugin | undefined {
  if (fields['auth-provider']) {
    throw kubeconfigError(config, `has an auth-provider in ${usedBy}, which Kubernetes 1.26 removed`, {
      hint: 'use an exec plugin',
    })
  }
  if (!fields.exec) return undefined
  const exec = asFields(fields.exec)
  const command = text(exec, 'command')
  if (!command)
    throw kubeconfigError(config, `has an exec plugin without a command in ${usedBy}`, {
      hint: 'set command there',
    })
  return {
    apiVersion: text(exec, 'apiVersion') ?? '',
    command: /[\\/]/.test(command) ? resolve(folder, command) : command,
    args: texts(exec.args),
    env: Object.fromEntries(environmentOf(exec)),
    installHint: text(exec, 'installHint'),
    interactiveMode: text(exec, 'interactiveMode') ?? 'IfAvailable',
    clusterInfo: exec.provideClusterInfo === true ? pluginCluster(cluster) : undefined,
  }
}

function environmentOf(exec: Fields): [string, string][] {
  const list = Array.isArray(exec.env) ? exec.env.map(asFields) : []
  return list.map(({ name, value }) => [String(name), String(value ?? '')])
}

/** spec.cluster of ExecCredential: the cluster entry with the data of its authority inline. */
function pluginCluster({ fields, folder }: Entry): Fields {
  const { 'certificate-authority': file, extensions, ...rest } = fields
  const data = typeof file === 'string' ? readFileSync(resolve(folder, file)).toString('base64') : undefined
  const config = Array.isArray(extensions)
    ? extensions.map(asFields).find(({ name }) => name === 'client.authentication.k8s.io/exec')?.extension
    : undefined
  return {
    ...(data && { 'certificate-authority-data': data }),
    ...rest,
    ...(config !== undefined && { config }),
  }
}
