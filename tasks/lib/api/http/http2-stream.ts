import { type ClientHttp2Session, type ClientHttp2Stream, constants } from 'node:http2'
import { NoAnswerError } from '../errors.ts'
import { type Answer, type HttpRequest, withResolvers } from './http.ts'

/** Sends one request on a stream of its own, and gives the head of its answer. */
export function openStream(
  session: ClientHttp2Session,
  { request, signal, origin }: { request: HttpRequest; signal: AbortSignal; origin: string },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stream = startStream(session, { request, origin })
    const cancel = () => stream.close(constants.NGHTTP2_CANCEL)
    signal.addEventListener('abort', cancel, { once: true })
    const { promise, resolve: ended } = withResolvers<boolean>()
    let cause: unknown
    stream.on('error', (error) => {
      cause = error
    })
    stream.once('close', () => {
      signal.removeEventListener('abort', cancel)
      ended(stream.rstCode === constants.NGHTTP2_NO_ERROR && !stream.aborted && !cause)
      reject(signal.aborted ? signal.reason : unanswered(stream, { origin, cause }))
    })
    stream.once('response', (headers) => {
      resolve({ status: Number(headers[':status']), headers, body: stream, ended: promise })
    })
  })
}

function startStream(
  session: ClientHttp2Session,
  { request, origin }: { request: HttpRequest; origin: string },
): ClientHttp2Stream {
  const { method, path, headers, body } = request
  try {
    const stream = session.request(
      { ':method': method, ':path': path, ...headers },
      { endStream: body === undefined },
    )
    if (body !== undefined) stream.end(body)
    return stream
  } catch (error) {
    throw new NoAnswerError(`API server ${origin} closed the connection`, { sent: false, cause: error })
  }
}

/** A stream that never got an id, or that the server refused, was certainly not acted on. */
function unanswered(
  stream: ClientHttp2Stream,
  { origin, cause }: { origin: string; cause: unknown },
): NoAnswerError {
  const sent = stream.id !== undefined && stream.rstCode !== constants.NGHTTP2_REFUSED_STREAM
  return new NoAnswerError(`API server ${origin} closed the connection before it answered`, { sent, cause })
}
