import { unansweredWebhook } from '../compare/dry-run.ts'
import { ApiError } from '../errors.ts'

/**
 * What an apply has to wait for before it can succeed, in words; undefined when waiting does not help. Everything
 * here comes up by itself within moments after the waves before it.
 */
export function passingReason(error: unknown): string | undefined {
  const webhook = unansweredWebhook(error)
  if (webhook) return webhook
  if (!(error instanceof ApiError)) return isUnknownKind(error) ? 'its kind to be served' : undefined
  const { status, message, reason } = error
  // A kind that is established is served a moment later; a missing object or namespace names itself.
  if (status === 404 && /could not find the requested resource|page not found/.test(message))
    return 'its kind to be served'
  if (status === 403) return forbiddenForNow(message)
  if (status === 409 && (reason === 'AlreadyExists' || /object has been modified/.test(message)))
    return 'another writer'
  return undefined
}

/** The namespace that is on its way out and takes no new objects. */
export function terminatingNamespace(error: unknown): boolean {
  return (
    error instanceof ApiError &&
    error.status === 403 &&
    (error.details.causes.some(({ reason }) => reason === 'NamespaceTerminating') ||
      /because it is being terminated/.test(error.message))
  )
}

function forbiddenForNow(message: string): string | undefined {
  const account = /error looking up service account ([^:]+): serviceaccount/.exec(message)
  if (account) return `ServiceAccount ${account[1]}`
  const priority = /no PriorityClass with name (\S+) was found/.exec(message)
  if (priority) return `PriorityClass ${priority[1]}`
  return /status unknown for quota/.test(message) ? 'the quota to be counted' : undefined
}

function isUnknownKind(error: unknown): boolean {
  return error instanceof Error && /server does not know kind/.test(error.message)
}
