import type { KeyPlaces, KeySource } from '../key-source.ts'

/** Keys that only `sops keyservice` reaches. */
export function createServiceKeys(_places: KeyPlaces): KeySource {
  throw new Error('key services are not called yet')
}
