import { Agent, type ClientRequestArgs, type IncomingMessage, request as startRequest } from 'node:http'
import type { Socket } from 'node:net'
import { NoAnswerError } from '../errors.ts'
import { type Answer, type HttpRequest, type Transport, withResolvers } from './http.ts'

const maxSockets = 24

/** HTTP/1.1 over kept-alive connections: for `kubectl proxy` and for balancers that know nothing newer. */
export function http1Transport(
  first: Socket,
  { origin, redial }: { origin: string; redial: () => Promise<Socket> },
): Transport {
  let next: Socket | undefined = first
  let agents = newAgents()

  /** Streams have sockets of their own: a few watches must not use up the places of all other requests. */
  function newAgents(): { short: Agent; long: Agent } {
    return { short: dialingAgent(dial, maxSockets), long: dialingAgent(dial, Number.POSITIVE_INFINITY) }
  }

  function dial(): Promise<Socket> {
    const socket = next
    next = undefined
    return socket && !socket.destroyed ? Promise.resolve(socket) : redial()
  }

  return {
    open(request, signal) {
      const agent = request.isStream ? agents.long : agents.short
      return openRequest(request, { agent, signal, origin })
    },
    retire() {
      const old = agents
      agents = newAgents()
      for (const agent of [old.short, old.long]) {
        agent.maxFreeSockets = 0
        for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy()
      }
    },
    close() {
      next?.destroy()
      for (const agent of [agents.short, agents.long]) agent.destroy()
    },
  }
}

type ConnectionCallback = (error: Error | null, socket?: Socket) => void

function dialingAgent(dial: () => Promise<Socket>, maxSockets: number): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets })
  const createConnection = (_options: ClientRequestArgs, callback: ConnectionCallback): undefined => {
    dial().then((socket) => callback(null, socket), callback)
  }
  return Object.assign(agent, { createConnection })
}

function openRequest(
  { method, path, headers, body }: HttpRequest,
  { agent, signal, origin }: { agent: Agent; signal: AbortSignal; origin: string },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { host } = new URL(origin)
    const request = startRequest({ agent, method, path, headers: { ...headers, host }, setHost: false })
    const cancel = () => request.destroy()
    signal.addEventListener('abort', cancel, { once: true })
    let hasSocket = false
    request.once('socket', () => {
      hasSocket = true
    })
    request.once('response', (message) => resolve(answerOf(message)))
    request.once('close', () => signal.removeEventListener('abort', cancel))
    request.on('error', (cause) => {
      if (signal.aborted) return reject(signal.reason)
      if (!hasSocket) return reject(cause)
      reject(
        new NoAnswerError(`API server ${origin} closed the connection before it answered`, {
          sent: true,
          cause,
        }),
      )
    })
    request.end(body)
  })
}

function answerOf(message: IncomingMessage): Answer {
  const { promise, resolve } = withResolvers<boolean>()
  // An error is followed by close, which tells it; unheard it would end the process.
  message.on('error', () => {})
  message.once('close', () => resolve(message.complete))
  return { status: message.statusCode ?? 0, headers: message.headers, body: message, ended: promise }
}
