import { recipientKind } from '../age/recipient.ts'
import { KeyError, type KeyPlaces, type KeySource } from '../key-source.ts'
import type { MasterKey } from '../master-key.ts'
import { keyServices, namedServices, type Service } from './addresses.ts'
import { type Call, callGrpc } from './grpc.ts'
import { requestMessage, resultField } from './messages.ts'
import { fieldOf } from './protobuf.ts'

/** A person may have to touch a hardware key, or type its PIN. */
const seconds = 120

/**
 * Keys that a service holds: KMS, Vault and the like, and age plugins, through `sops keyservice`; with SOPS_KEYSERVICE
 * any key, through the services that it names. With `remoteOnly` no service of our own is started.
 */
export function createServiceKeys(
  places: KeyPlaces,
  { remoteOnly = false }: { remoteOnly?: boolean } = {},
): KeySource {
  const services = keyServices(places, { remoteOnly })
  const ask = (method: string, message: Buffer) =>
    firstAnswer(services, { method: `KeyService/${method}`, message, seconds, signal: places.signal })
  return {
    handles: (key) => needsService(key) || namedServices(places).length > 0,
    wrap: async (key, dataKey) => (await ask('Encrypt', requestMessage(key, dataKey))).toString(),
    unwrap: (key) => ask('Decrypt', requestMessage(key, key.enc ?? '')),
  }
}

function needsService(key: MasterKey): boolean {
  return key.type === 'age' ? recipientKind(key.recipient) === 'plugin' : key.type !== 'pgp'
}

async function firstAnswer(services: Service[], call: Call): Promise<Buffer> {
  const failures: KeyError[] = []
  for (const service of services) {
    try {
      return fieldOf(await callGrpc(await service.address(), call), resultField)
    } catch (error) {
      call.signal?.throwIfAborted()
      failures.push(failureOf(error as Error, service))
    }
  }
  if (failures.length === 1) throw failures[0]!
  const message = failures.map((failure) => failure.message).join('; ') || 'no key service may be asked'
  throw new KeyError(message, { hint: failures.map(({ hint }) => hint).find(Boolean) })
}

function failureOf(error: Error, { name }: Service): KeyError {
  const hint = error instanceof KeyError ? error.hint : undefined
  return new KeyError(`${name}: ${error.message}`, { hint, cause: error })
}
