import { readFile } from 'node:fs/promises'
import { TaskError } from '../../cli/errors.ts'
import { registerSecret } from '../../cli/redact.ts'
import type { Pem } from '../kubeconfig/kubeconfig-entry.ts'
import type { Login } from '../kubeconfig/kubeconfig-login.ts'

/** What proves to the server who asks: headers for each request, a client certificate for each connection. */
export interface Credentials {
  headers(): Promise<Record<string, string | string[]>>
  certificate(): Promise<{ cert?: string; key?: string }>
  /** Forgets what was read; true when reading it again may give something else. */
  renew(): boolean
}

/** What an exec plugin answered. */
export interface PluginCredentials {
  token?: string
  cert?: string
  key?: string
  /** Milliseconds since 1970; undefined: as long as this process runs. */
  expiresAt?: number
}

// As client-go: a token file changes about once an hour, under a running pod too.
const tokenFileMs = 60_000

/** The credentials of a login; files are read again, a plugin is asked again when its answer expires. */
export function createCredentials(login: Login, askPlugin?: () => Promise<PluginCredentials>): Credentials {
  const fileToken = cached(async () => ({
    token: await readToken(login),
    expiresAt: Date.now() + tokenFileMs,
  }))
  const plugin = askPlugin && cached(askPlugin)
  return {
    async headers() {
      const token =
        login.token ?? (login.tokenFile ? (await fileToken.get()).token : (await plugin?.get())?.token)
      return { ...authorization(token, login), ...impersonation(login) }
    },
    async certificate() {
      const { cert, key } = (await plugin?.get()) ?? {}
      return { cert: cert ?? (await readPem(login.certificate)), key: key ?? (await readPem(login.key)) }
    },
    renew() {
      fileToken.forget()
      plugin?.forget()
      return login.tokenFile !== undefined || plugin !== undefined
    },
  }
}

/** Reads once for all who ask, again after it expired. */
function cached<T extends { expiresAt?: number }>(read: () => Promise<T>) {
  let value: Promise<T> | undefined
  let expiresAt = Number.POSITIVE_INFINITY
  return {
    get(): Promise<T> {
      if (value && Date.now() < expiresAt) return value
      expiresAt = Number.POSITIVE_INFINITY
      value = read()
      value.then(
        (result) => {
          expiresAt = result.expiresAt ?? Number.POSITIVE_INFINITY
        },
        () => {
          value = undefined
        },
      )
      return value
    },
    forget() {
      value = undefined
    },
  }
}

async function readToken({ tokenFile }: Login): Promise<string> {
  const token = (await readText(tokenFile!, 'token file')).trim()
  registerSecret(token)
  return token
}

/** PEM given in the kubeconfig, or the file's text as it is now. */
export async function readPem(pem: Pem | undefined): Promise<string | undefined> {
  return pem?.text ?? (pem?.file === undefined ? undefined : await readText(pem.file, 'certificate or key'))
}

async function readText(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new TaskError(`${what} ${file} cannot be read: ${(cause as Error).message}`, {
      hint: 'correct its path in the kubeconfig: kubectl config view',
      cause,
    })
  }
}

function authorization(token: string | undefined, { username, password }: Login): Record<string, string> {
  if (token) return { authorization: `Bearer ${token}` }
  if (username === undefined) return {}
  return { authorization: `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}` }
}

function impersonation({ as }: Login): Record<string, string | string[]> {
  if (!as) return {}
  const headers: Record<string, string | string[]> = {}
  if (as.user) headers['impersonate-user'] = as.user
  if (as.uid) headers['impersonate-uid'] = as.uid
  if (as.groups.length > 0) headers['impersonate-group'] = as.groups
  for (const [key, values] of Object.entries(as.extra)) {
    headers[`impersonate-extra-${encodeURIComponent(key.toLowerCase())}`] = values
  }
  return headers
}
