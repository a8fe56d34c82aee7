import { connect } from '../../api/client.ts'
import { ApiError } from '../../api/errors.ts'
import { TaskError } from '../../cli/errors.ts'

interface SelfSubjectReview {
  status?: { userInfo?: { username?: string } }
}

/** Asks the server, as a context of a kubeconfig, who that is; an error when it takes it for nobody or another. */
export async function expectAnswer(
  file: string,
  { context, user, signal }: { context: string; user?: string; signal: AbortSignal },
): Promise<void> {
  const client = await connect(file, { context, signal })
  try {
    const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews'
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }
    const { status } = await client.request<SelfSubjectReview>('POST', path, { body })
    const name = status?.userInfo?.username
    if (user === undefined || name === user) return
    throw new TaskError(`the server takes context ${context} for ${name}, not for ${user}`, renew)
  } catch (cause) {
    if (!(cause instanceof ApiError) || cause.status !== 401) throw cause
    throw new TaskError(`the server does not take the login of context ${context}`, { ...renew, cause })
  } finally {
    client.close()
  }
}

const renew = { hint: 'get a new certificate: tasks kubeconfig --renew' }
