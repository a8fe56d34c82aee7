import type { ApiClient } from '../../api/client.ts'
import { isConflict, isNotFound } from '../../api/errors.ts'
import { mapLimited } from '../../api/objects/map-limited.ts'
import type { Progress } from '../../cli/change.ts'
import { TaskError } from '../../cli/errors.ts'
import type { EncryptionServer } from './server.ts'
import { type StoredSecret, scanSecrets } from './stored-secrets.ts'

/** Rounds of looking and writing: somebody else may be writing as well, but every server writes with the new key now. */
const mostRounds = 5

const parallel = 16

/**
 * Writes every Secret again that etcd does not hold with this prefix, and looks into etcd until none is left. What a
 * Secret says stays as it is: the API server only writes it with the key that is first now.
 */
export async function rewriteSecrets(
  server: EncryptionServer,
  { client, prefix, progress }: { client: Pick<ApiClient, 'request'>; prefix: string; progress: Progress },
): Promise<void> {
  for (let round = 0; round < mostRounds; round++) {
    const old = await oldSecrets(server, prefix)
    if (old.length === 0) return
    let done = 0
    const map = async (secret: StoredSecret) => {
      progress.signal.throwIfAborted()
      await rewrite(secret, client)
      progress.say(`${++done} of ${old.length} Secrets written with the new key`)
    }
    await mapLimited(old, { limit: parallel, map })
  }
  const left = await oldSecrets(server, prefix)
  if (left.length > 0) throw stillOld(left)
}

/** The Secrets that etcd holds otherwise than with this prefix. */
export async function oldSecrets(server: EncryptionServer, prefix: string): Promise<StoredSecret[]> {
  return (await scanSecrets(server)).filter((secret) => secret.prefix !== prefix)
}

/** The error of Secrets that still need an old key. */
export function stillOld(left: readonly StoredSecret[]): TaskError {
  const [first] = left
  return new TaskError(
    `${left.length} Secrets are still written with another key, ${first!.namespace}/${first!.name} is the first`,
    { hint: 'what keeps them from being written? Then the same command again: it goes on from here' },
  )
}

// One that has changed meanwhile was written with the new key by whoever changed it; the next look into etcd says so.
async function rewrite({ namespace, name }: StoredSecret, client: Pick<ApiClient, 'request'>): Promise<void> {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${encodeURIComponent(name)}`
  try {
    const secret = await client.request<unknown>('GET', path)
    await client.request('PUT', path, { body: secret, query: { fieldManager: 'metaltasks' } })
  } catch (error) {
    if (!isConflict(error) && !isNotFound(error)) throw error
  }
}
