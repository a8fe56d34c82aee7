import { TaskError } from '../cli/errors.ts'
import type { Config } from '../config/model.ts'
import type { Machines } from '../node/ssh/machines.ts'
import { volumeKey } from '../node/unlock/volume-key.ts'
import { keyServerStore } from '../node/volume-keys/key-server-store.ts'
import type { KeyStore } from '../node/volume-keys/key-store.ts'
import type { Volume, VolumeKey } from '../node/volumes/volume.ts'
import type { SecretProject } from '../secrets/project.ts'
import { recoveryKey } from './recovery-passphrase.ts'

/** Where the key of a volume lives, if that is a place that can be written to from here. */
export function storeOfVolume(
  { node, name }: Volume,
  { config, machines }: { config: Config; machines: Pick<Machines, 'keyServer'> },
): KeyStore | undefined {
  const { unlock, keyServer } = config.cluster
  const machine = machines.keyServer()
  if (unlock !== 'key-server' || !keyServer || !machine) return undefined
  return keyServerStore(machine, { path: keyServer.path, node, volume: name })
}

/**
 * The key of a volume as we have it: from the key server over our own connection, not that of the volume's machine; the
 * recovery passphrase where nothing unlocks it at boot; else by the program on its machine.
 */
export function keyOfVolume(
  volume: Volume,
  options: { config: Config; project: SecretProject; now(): Date; store: KeyStore | undefined },
): VolumeKey {
  const { config, store } = options
  if (store) return { read: 'cat', input: () => currentKey(store) }
  const own = volumeKey(volume, config)
  if (config.cluster.unlock !== 'manual' || !own.input) return own
  return recoveryKey(volume, { ...options, ask: own.input })
}

async function currentKey(store: KeyStore): Promise<Uint8Array> {
  const { current } = await store.read()
  if (current && current.length >= 32) return current
  const state = current
    ? `the key at ${store.shown} has ${current.length} bytes`
    : `there is no key at ${store.shown}`
  throw new TaskError(state, {
    hint: 'the recovery passphrase opens the volume: tasks volumes:unlock --recovery',
  })
}
