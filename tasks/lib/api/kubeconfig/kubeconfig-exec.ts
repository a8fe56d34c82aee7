import { spawn } from 'node:child_process'
import { TaskError } from '../../cli/errors.ts'
import { registerSecret } from '../../cli/redact.ts'
import { environment } from '../../config/environment.ts'
import type { PluginCredentials } from '../http/credentials.ts'
import type { ExecPlugin } from './kubeconfig-login.ts'

const apiVersions = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1']
const pluginTimeoutMs = 60_000

interface ExecCredential {
  apiVersion?: string
  kind?: string
  status?: {
    token?: string
    clientCertificateData?: string
    clientKeyData?: string
    expirationTimestamp?: string
  }
}

/** Asks a kubeconfig's exec plugin for credentials. It gets no terminal to ask on; its stderr is shown. */
export async function askExecPlugin(plugin: ExecPlugin): Promise<PluginCredentials> {
  checkPlugin(plugin)
  const { status } = readCredential(await runPlugin(plugin), plugin)
  const { token, clientCertificateData: cert, clientKeyData: key, expirationTimestamp } = status ?? {}
  if (!token && !(cert && key)) {
    throw pluginError(plugin, 'gave neither a token nor a client certificate with its key')
  }
  registerSecret(token)
  registerSecret(key)
  return { token, cert, key, expiresAt: expirationTimestamp ? Date.parse(expirationTimestamp) : undefined }
}

function checkPlugin(plugin: ExecPlugin): void {
  if (!apiVersions.includes(plugin.apiVersion)) {
    throw new TaskError(
      `credential plugin ${plugin.command}: apiVersion "${plugin.apiVersion}" is not one of ${apiVersions.join(', ')}`,
      { hint: 'correct exec.apiVersion in the kubeconfig; a newer plugin may be needed' },
    )
  }
  if (plugin.interactiveMode !== 'Always') return
  throw new TaskError(
    `credential plugin ${plugin.command} wants to ask on a terminal, which tasks does not give it`,
    {
      hint: 'log in with its own command first, then set exec.interactiveMode: IfAvailable in the kubeconfig',
    },
  )
}

function runPlugin(plugin: ExecPlugin): Promise<string> {
  const { apiVersion, clusterInfo, command, args, env } = plugin
  const info = { apiVersion, kind: 'ExecCredential', spec: { interactive: false, cluster: clusterInfo } }
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: { ...environment(), ...env, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: pluginTimeoutMs,
      killSignal: 'SIGKILL',
    })
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.once('error', (error: NodeJS.ErrnoException) => reject(startError(plugin, error)))
    child.once('close', (code, signal) => {
      if (code === 0) return resolve(Buffer.concat(chunks).toString())
      const how = signal ? `was ended by ${signal}` : `ended with exit code ${code}`
      reject(
        pluginError(plugin, signal === 'SIGKILL' ? `gave no answer within ${pluginTimeoutMs / 1000} s` : how),
      )
    })
  })
}

function startError(plugin: ExecPlugin, error: NodeJS.ErrnoException): TaskError {
  const what = error.code === 'ENOENT' ? 'is not installed' : `cannot be started: ${error.message}`
  return new TaskError(`credential plugin ${plugin.command} ${what}`, {
    hint: plugin.installHint?.trim() || `install ${plugin.command} and put it into PATH`,
    cause: error,
  })
}

/** Never quotes the output: it holds the credentials. */
function readCredential(output: string, plugin: ExecPlugin): ExecCredential {
  let credential: ExecCredential
  try {
    credential = JSON.parse(output)
  } catch {
    throw pluginError(plugin, 'did not answer with JSON')
  }
  if (credential?.kind === 'ExecCredential' && credential.apiVersion === plugin.apiVersion) return credential
  throw pluginError(plugin, `did not answer with an ExecCredential of ${plugin.apiVersion}`)
}

function pluginError({ command, args }: ExecPlugin, what: string): TaskError {
  return new TaskError(`credential plugin ${command} ${what}`, {
    hint: `see what it says: ${[command, ...args].join(' ')} >/dev/null`,
  })
}
