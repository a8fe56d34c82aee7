import { readFile } from 'node:fs/promises'
import { type Agent, Agent as HttpsAgent, request } from 'node:https'

/** An answer as it came: status and body. */
export interface Answer {
  status: number
  body: string
}

/**
 * The sandbox's own line to its API server while that is starting: one question, one answer, no retry.
 * Everything else talks through the API client.
 */
export interface Loopback {
  ask(method: string, path: string, options?: AskOptions): Promise<Answer>
  close(): void
}

export interface AskOptions {
  body?: unknown
  contentType?: string
  timeoutSeconds?: number
}

/** Opens a line with the client certificate of a kubeconfig that the sandbox wrote. */
export async function openLoopback(kubeconfigFile: string): Promise<Loopback> {
  const config = JSON.parse(await readFile(kubeconfigFile, 'utf8'))
  const { server, 'certificate-authority-data': authority } = config.clusters[0].cluster
  const user = config.users[0].user
  const agent = new HttpsAgent({
    keepAlive: true,
    ca: Buffer.from(authority, 'base64'),
    cert: Buffer.from(user['client-certificate-data'], 'base64'),
    key: Buffer.from(user['client-key-data'], 'base64'),
  })
  return {
    ask: (method, path, options = {}) => ask(new URL(path, server), { method, agent, ...options }),
    close: () => agent.destroy(),
  }
}

function ask(url: URL, options: AskOptions & { method: string; agent: Agent }): Promise<Answer> {
  const { method, agent, contentType = 'application/json', timeoutSeconds = 10 } = options
  const body = options.body === undefined ? undefined : JSON.stringify(options.body)
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-type': contentType }
    const timeout = timeoutSeconds * 1000
    const sent = request(url, { method, agent, headers, timeout }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts).toString() }),
      )
    })
    sent.on('timeout', () => sent.destroy(new Error(`no answer from ${url.host} in ${timeoutSeconds} s`)))
    sent.on('error', reject)
    sent.end(body)
  })
}
