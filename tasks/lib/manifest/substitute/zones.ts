import type { Zone } from './template.ts'

/** Where the walk through a document is, as far as it matters for substitution. */
export interface Position {
  zone: Zone
  at: 'object' | 'container' | 'handlers' | 'exec' | 'elsewhere'
  /** The object's kind, at its first level only. */
  kind: string
}

/** The position of an object itself. An object that opts out is closed as a whole. */
export function objectPosition(kind: string, optsOut: boolean): Position {
  return { zone: optsOut ? 'closed' : 'open', at: 'object', kind }
}

/** The position of what stands under a key of a map. */
export function positionUnder(position: Position, key: string): Position {
  const { zone, at, kind } = position
  if (zone === 'closed') return closed
  if (at === 'object' && isClosed(kind, key)) return closed
  if (zone === 'script' || isScript(position, key)) return script
  if (at === 'container' && handlerKeys.has(key)) return handlers
  if (at === 'handlers') return key === 'exec' ? exec : handlers
  return elsewhere
}

/** The position of the items of a sequence that stands under a key. */
export function positionOfItems(position: Position, key: string | undefined): Position {
  const isContainers = position.at === 'elsewhere' && position.zone === 'open' && containerKeys.has(key ?? '')
  return isContainers ? container : position
}

/** No object's own level, no container, no script. */
export const elsewhere: Position = { zone: 'open', at: 'elsewhere', kind: '' }
const closed: Position = { zone: 'closed', at: 'elsewhere', kind: '' }
const script: Position = { zone: 'script', at: 'elsewhere', kind: '' }
const container: Position = { zone: 'open', at: 'container', kind: '' }
const handlers: Position = { zone: 'open', at: 'handlers', kind: '' }
const exec: Position = { zone: 'open', at: 'exec', kind: '' }

const containerKeys = new Set(['containers', 'initContainers', 'ephemeralContainers'])
const handlerKeys = new Set(['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'])

function isClosed(kind: string, key: string): boolean {
  if (kind === 'Secret') return key === 'data' || key === 'stringData'
  return kind === 'ConfigMap' && key === 'binaryData'
}

function isScript({ at, kind }: Position, key: string): boolean {
  if (at === 'object') return kind === 'ConfigMap' && key === 'data'
  if (at === 'container') return key === 'command' || key === 'args'
  return at === 'exec' && key === 'command'
}
