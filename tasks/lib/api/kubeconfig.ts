import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Finding, TaskError } from '../cli/errors.ts'
import { registerSecret } from '../cli/redact.ts'
import { didYouMean } from '../cli/suggest.ts'
import {
  asFields,
  type Entry,
  type Fields,
  type KubeconfigFiles,
  readKubeconfigFiles,
} from './kubeconfig-files.ts'

/** Where a server is, how it is trusted and who asks, as one context of a kubeconfig says. */
export interface Access {
  context: string
  server: URL
  /** The context's namespace, "default" where it names none. */
  namespace: string
  authority?: Pem
  /** insecure-skip-tls-verify */
  isUnverified: boolean
  tlsServerName?: string
  proxyUrl?: string
  login: Login
  /** Warnings for the reader. */
  findings: Finding[]
}

/** A certificate or key: its text, or the file to read it from. */
export interface Pem {
  text?: string
  file?: string
}

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

/** Reads a context, the current one unless named, from a kubeconfig or a list of them in the form of KUBECONFIG. */
export function loadKubeconfig(files: string, { context }: { context?: string } = {}): Access {
  const config = readKubeconfigFiles(files)
  const name = context ?? config.currentContext
  if (!name) throw missing(config, 'names no current context', useContext(config))
  const { fields } = find(config, { list: 'contexts', name })
  const usedBy = `context "${name}"`
  const cluster = find(config, { list: 'clusters', name: text(fields, 'cluster'), usedBy })
  const user = text(fields, 'user')
  const entry = user ? find(config, { list: 'users', name: user, usedBy }) : { fields: {}, folder: '' }
  return {
    context: name,
    namespace: text(fields, 'namespace') ?? 'default',
    ...clusterAccess(cluster, { config, usedBy }),
    login: readLogin(entry, { config, usedBy, cluster }),
  }
}

/** Who reads, for errors. */
interface Reading {
  config: KubeconfigFiles
  usedBy: string
}

function missing({ files }: KubeconfigFiles, what: string, hint: string): TaskError {
  return new TaskError(`kubeconfig ${files} ${what}`, { hint, file: files })
}

function useContext({ files, contexts }: KubeconfigFiles): string {
  const [first] = contexts.keys()
  if (first === undefined) return 'copy a whole one from a control plane node: /etc/kubernetes/admin.conf'
  return `kubectl --kubeconfig ${files} config use-context ${first}`
}

function find(
  config: KubeconfigFiles,
  { list, name, usedBy }: { list: 'contexts' | 'clusters' | 'users'; name?: string; usedBy?: string },
): Entry {
  const entry = name === undefined ? undefined : config[list].get(name)
  if (entry) return entry
  const kind = list.slice(0, -1)
  if (!name) throw missing(config, `has no ${kind} in ${usedBy}`, useContext(config))
  const user = usedBy ? `, which ${usedBy} uses` : ''
  const names = [...config[list].keys()]
  const hint =
    didYouMean(name, names) ?? (names.length > 0 ? `it has: ${names.join(', ')}` : useContext(config))
  throw missing(config, `has no ${kind} "${name}"${user}`, hint)
}

function clusterAccess(
  { fields, folder }: Entry,
  { config, usedBy }: Reading,
): Pick<Access, 'server' | 'authority' | 'isUnverified' | 'tlsServerName' | 'proxyUrl' | 'findings'> {
  const server = serverUrl(text(fields, 'server') ?? '', { config, usedBy })
  const isUnverified = fields['insecure-skip-tls-verify'] === true
  const authority = pem(fields, { field: 'certificate-authority', folder, config, usedBy })
  if (isUnverified && authority) {
    throw missing(
      config,
      `gives ${usedBy} both a certificate authority and insecure-skip-tls-verify`,
      'remove insecure-skip-tls-verify',
    )
  }
  return {
    server,
    authority,
    isUnverified,
    tlsServerName: text(fields, 'tls-server-name'),
    proxyUrl: text(fields, 'proxy-url'),
    findings: isUnverified ? [unverified(server, config)] : [],
  }
}

function serverUrl(value: string, { config, usedBy }: Reading): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (url && ['https:', 'http:'].includes(url.protocol)) return url
  throw missing(
    config,
    `has no server address for ${usedBy}: ${value === '' ? 'server is empty' : `"${value}" is not a URL`}`,
    'write it as server: https://HOST:6443',
  )
}

function unverified(server: URL, { files }: KubeconfigFiles): Finding {
  return {
    severity: 'warning',
    message: `the certificate of ${server.origin} is not checked: anyone between here and there can read and change all of it`,
    hint: `set certificate-authority-data in ${files} in place of insecure-skip-tls-verify`,
    file: files,
  }
}

function pem(
  fields: Fields,
  { field, folder, config, usedBy }: Reading & { field: string; folder: string },
): Pem | undefined {
  const data = text(fields, `${field}-data`)
  if (data !== undefined) {
    const decoded = Buffer.from(data, 'base64').toString()
    if (decoded.includes('-----BEGIN ')) return { text: decoded }
    throw missing(
      config,
      `has no PEM in ${field}-data of ${usedBy}`,
      `base64 -w0 FILE gives what belongs there`,
    )
  }
  const name = text(fields, field)
  if (name === undefined) return undefined
  const file = resolve(folder, name)
  if (existsSync(file)) return { file }
  throw missing(
    config,
    `names a ${field} for ${usedBy} that does not exist: ${file}`,
    `correct ${field} there`,
  )
}

function readLogin(entry: Entry, { config, usedBy, cluster }: Reading & { cluster: Entry }): Login {
  const { fields, folder } = entry
  const tokenFile = text(fields, 'tokenFile')
  const login: Login = {
    certificate: pem(fields, { field: 'client-certificate', folder, config, usedBy }),
    key: pem(fields, { field: 'client-key', folder, config, usedBy }),
    token: tokenFile ? undefined : text(fields, 'token'),
    tokenFile: tokenFile && resolve(folder, tokenFile),
    username: text(fields, 'username'),
    password: text(fields, 'password'),
    as: impersonation(fields),
    exec: execPlugin(entry, { config, usedBy, cluster }),
  }
  for (const secret of [login.token, login.password, login.key?.text]) registerSecret(secret)
  if (login.certificate && !login.key) {
    throw missing(
      config,
      `has a client-certificate without its client-key in ${usedBy}`,
      'add client-key there',
    )
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
    throw missing(
      config,
      `has an auth-provider in ${usedBy}, which Kubernetes 1.26 removed`,
      'use an exec plugin',
    )
  }
  if (!fields.exec) return undefined
  const exec = asFields(fields.exec)
  const command = text(exec, 'command')
  if (!command)
    throw missing(config, `has an exec plugin without a command in ${usedBy}`, 'set command there')
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

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : []
}

function text(fields: Fields, field: string): string | undefined {
  const value = fields[field]
  return value === undefined || value === null || value === '' ? undefined : String(value)
}
