import { type Finding, TaskError, UsageError } from '../../cli/errors.ts'
import { didYouMean } from '../../cli/suggest.ts'
import { firstLabel } from '../../config/nodes.ts'
import { keyText } from './failures.ts'
import type { SshHost } from './hosts.ts'
import { fingerprint, type HostKey, isSameKey, pinnedKeys, withKeys } from './known-hosts.ts'

/** What a host shows beside what is recorded of it. */
export interface Sighting {
  host: SshHost
  pinned: HostKey[]
  shown: HostKey[]
  /** silent: no key could be read; changed: a recorded key of the same kind is another one. */
  state: 'same' | 'new' | 'changed' | 'silent'
}

/** Compares the keys that a host shows with the recorded ones. */
export function sight(
  host: SshHost,
  { knownHosts, shown }: { knownHosts: string; shown: HostKey[] },
): Sighting {
  const pinned = pinnedKeys(knownHosts, host.name)
  const isPinned = (key: HostKey) => pinned.some((one) => isSameKey(one, key))
  const isOther = (key: HostKey) => !isPinned(key) && pinned.some(({ type }) => type === key.type)
  const state = () => {
    if (shown.length === 0) return 'silent'
    // Other kinds of key beside a recorded one that it shows no more are another machine's as well.
    if (shown.some(isOther) || (pinned.length > 0 && !shown.some(isPinned))) return 'changed'
    return shown.every(isPinned) ? 'same' : 'new'
  }
  return { host, pinned, shown, state: state() }
}

/** known_hosts after the keys of these hosts were taken as they are; a changed host keeps none of its old ones. */
export function trusting(knownHosts: string, sightings: Sighting[]): string {
  return sightings.reduce((text, { host, pinned, shown, state }) => {
    if (state === 'silent' || state === 'same') return text
    const old = state === 'changed' ? [] : pinned.filter((key) => !shown.some((one) => isSameKey(one, key)))
    return withKeys(text, { name: host.name, keys: [...old, ...shown] })
  }, knownHosts)
}

/** One line for each key, as it is shown before it is trusted. */
export function sightingLines({ host, pinned, shown, state }: Sighting): string[] {
  const name = host.name
  if (state === 'silent') return [`${name}: no answer`]
  const recorded = state === 'changed' ? pinned.map((key) => `${name}: recorded ${keyText(key)}`) : []
  const marks = shown.map((key) => {
    const isPinned = pinned.some((one) => isSameKey(one, key))
    return `${name}: ${isPinned ? 'recorded' : state === 'changed' ? 'CHANGED ' : 'new     '} ${keyText(key)}`
  })
  return [...recorded, ...marks]
}

/** The keys that have the fingerprint which somebody gave; a TaskError where the host shows none such. */
export function withFingerprint(sighting: Sighting, wanted: string): Sighting {
  const { host, shown, pinned } = sighting
  const found = shown.filter((key) => fingerprint(key) === wanted)
  if (found.length > 0) {
    const isOther = pinned.some((key) => !found.some((one) => isSameKey(one, key)))
    const isKnown = found.every((key) => pinned.some((one) => isSameKey(one, key)))
    return { ...sighting, shown: found, state: isOther ? 'changed' : isKnown ? 'same' : 'new' }
  }
  const seen = shown.map(keyText).join(', ') || 'no key'
  throw new TaskError(`${host.name}: expected the host key ${wanted}, it shows ${seen}`, {
    hint: `look on the machine itself: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub`,
  })
}

/** Hosts by full name or first label, each once; all where none is named. */
export function namedHosts(hosts: SshHost[], names: string[]): SshHost[] {
  if (names.length === 0) return hosts
  return [...new Set(names.map((name) => namedHost(hosts, name)))]
}

function namedHost(hosts: SshHost[], name: string): SshHost {
  const exact = hosts.filter((host) => host.name === name)
  const found = exact.length > 0 ? exact : hosts.filter((host) => firstLabel(host.name) === name)
  if (found.length === 1) return found[0]!
  const all = hosts.map((host) => host.name)
  if (found.length > 1) throw new UsageError(`${name} may be ${found.map((host) => host.name).join(' or ')}`)
  const hint = didYouMean(name, all) ?? `the machines are ${all.join(', ')}`
  throw new UsageError(`no machine is named ${name}`, { hint })
}

/** The same for programs. */
export function sightingJson({ host, pinned, shown, state }: Sighting) {
  const told = (key: HostKey) => ({ type: key.type, fingerprint: fingerprint(key) })
  return { name: host.name, state, recorded: pinned.map(told), shown: shown.map(told) }
}

/** That nothing could be read of a host. */
export function silence({ name }: SshHost): Finding {
  const hint = `look whether it runs and is reached, then: tasks node:trust ${name}`
  return { severity: 'error', message: `${name} showed no host key`, hint }
}
