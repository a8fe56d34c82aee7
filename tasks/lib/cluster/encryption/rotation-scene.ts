import type { ApiClient } from '../../api/client.ts'
import { TaskError } from '../../cli/errors.ts'
import type { EncryptionKey } from '../../kubernetes/api-server/encryption.ts'
import { oldSecrets, stillOld } from './rewrite.ts'
import { hasReached, prefixOf, type ServerPhase } from './rotation-state.ts'
import type { EncryptionServer, ServerState } from './server.ts'

/** The keys of a cluster in their secret file; the first one writes. */
export interface KeptKeys {
  /** As people name the file. */
  shown: string
  kept(): Promise<EncryptionKey[] | undefined>
  /** Writes them, and reads them back. */
  keep(keys: EncryptionKey[]): Promise<void>
}

/** What a rotation works with. */
export interface RotationScene {
  servers: readonly EncryptionServer[]
  keys: KeptKeys
  client(): Promise<Pick<ApiClient, 'request'>>
  now(): Date
}

/** A rotation that is planned: from these states to this key alone. */
export interface PlannedRotation extends RotationScene {
  /** The name of the key that is to be the only one. */
  target: string
  /** The new key, where none was begun with. */
  made: EncryptionKey
  states: readonly ServerState[]
  /** How many there are. */
  secrets: number
}

/** The new key. Read from its file each time: what a machine gets must be there to stay. */
export async function keptKey({
  keys,
  target,
}: Pick<RotationScene, 'keys'> & { target: string }): Promise<EncryptionKey> {
  const [first] = (await keys.kept()) ?? []
  if (first?.name === target) return first
  throw new TaskError(`${keys.shown} does not begin with key ${target}: nothing was changed`, {
    hint: 'somebody has changed it meanwhile? Plan again: tasks encryption:rotate',
  })
}

/** Throws where etcd holds a Secret that needs another key. */
export async function expectRewritten({
  servers,
  target,
}: Pick<RotationScene, 'servers'> & { target: string }) {
  const left = await oldSecrets(servers[0]!, prefixOf(target))
  if (left.length > 0) throw stillOld(left)
}

/** Whether an API server has come that far. */
export function reached(phase: ServerPhase, target: string): (state: ServerState) => boolean {
  return ({ keys }) => hasReached(keys, { phase, target })
}
