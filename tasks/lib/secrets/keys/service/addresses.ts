import { KeyError, type KeyPlaces } from '../key-source.ts'
import type { Address } from './grpc.ts'
import { localService } from './local-service.ts'

/** A key service: what it is called in errors, and how to get at it. */
export interface Service {
  name: string
  /** Throws a KeyError where it cannot be started. */
  address(): Promise<Address>
}

/** The services that sops would ask, in its order: its own, unless it is switched off, then those of SOPS_KEYSERVICE. */
export function keyServices(places: KeyPlaces, { remoteOnly = false } = {}): Service[] {
  const own = { name: 'sops keyservice', address: () => localService(places) }
  const local = remoteOnly || !asksOwnService(places) ? [] : [own]
  return [
    ...local,
    ...namedServices(places).map((uri) => ({ name: uri, address: async () => addressOf(uri) })),
  ]
}

/** The addresses in SOPS_KEYSERVICE. */
export function namedServices({ environment }: KeyPlaces): string[] {
  return (environment.SOPS_KEYSERVICE ?? '')
    .split(',')
    .map((uri) => uri.trim())
    .filter(Boolean)
}

/** Whether keys may be used here, and not only through the services of SOPS_KEYSERVICE. */
export function asksOwnService({ environment }: KeyPlaces): boolean {
  return !/^(0|f|F|FALSE|false|False)$/.test(environment.SOPS_ENABLE_LOCAL_KEYSERVICE ?? '')
}

function addressOf(uri: string): Address {
  const url = URL.canParse(uri) ? new URL(uri) : undefined
  if (url?.protocol === 'unix:') return { path: decodeURIComponent(url.pathname) }
  const tcp = url && /^tcp[46]?:$/.test(url.protocol) && url.port !== ''
  if (tcp) return { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port) }
  throw new KeyError('it is no address of a key service', {
    hint: 'SOPS_KEYSERVICE is unix:///PATH or tcp://HOST:PORT',
  })
}
