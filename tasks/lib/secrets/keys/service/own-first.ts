import { KeyError, type KeyPlaces, type KeySource } from '../key-source.ts'
import { asksOwnService } from './addresses.ts'
import { createServiceKeys } from './service.ts'

/**
 * Our own keys, and behind them the services that SOPS_KEYSERVICE names, which may have any key; with
 * SOPS_ENABLE_LOCAL_KEYSERVICE=false those services only.
 */
export function ownFirst(own: KeySource, places: KeyPlaces): KeySource {
  const named = createServiceKeys(places, { remoteOnly: true })
  const sources = asksOwnService(places) ? [own, named] : [named]
  return {
    handles: (key) => sources.some((source) => source.handles(key)),
    wrap: (key, dataKey) => first(sources, (source) => source.wrap(key, dataKey)),
    unwrap: (key) => first(sources, (source) => source.unwrap(key)),
  }
}

async function first<T>(sources: KeySource[], ask: (source: KeySource) => Promise<T>): Promise<T> {
  const failures: KeyError[] = []
  for (const source of sources) {
    try {
      return await ask(source)
    } catch (error) {
      if (!(error instanceof KeyError)) throw error
      failures.push(error)
    }
  }
  throw new KeyError(failures.map(({ message }) => message).join('; '), {
    tried: failures.flatMap(({ tried }) => tried),
    hint: failures.map(({ hint }) => hint).find(Boolean),
  })
}
