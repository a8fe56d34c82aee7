import { quote } from '../../cli/process/quote.ts'
import type { Machine } from '../machine.ts'
import { backupPaths } from './paths.ts'

/** What is known of a set without opening it. */
export interface BackupSet {
  name: string
  cluster: string
  host: string
  /** "20261121T030000Z" */
  time: string
  etcd: string
  revision: number
  keys: number
  kubeSystemUid: string
  encryptionKeys: string[]
  bytes: number
  sha256: string
}

/** A set in a place, as a machine sees it; or why it cannot be seen. */
export interface PlacedSet {
  machine: Machine
  /** Number of the place on that machine; 0 is its own folder. */
  place: number
  label: string
  set?: BackupSet
  problem?: string
}

/** All sets in all places that a machine copies to. */
export async function listSets(machine: Machine, signal?: AbortSignal): Promise<PlacedSet[]> {
  const title = 'list its backups'
  const { stdout } = await machine.run(`${backupPaths.program} list`, { title, signal, timeoutSeconds: 900 })
  const lines = stdout.split('\n').filter(Boolean)
  return lines.map((line) => {
    const { place, label, ...rest } = JSON.parse(line)
    const known = { machine, place, label: place === 0 ? machine.label : label }
    // Whoever may write to a place may write anything.
    if (rest.set && !setName.test(rest.set.name))
      return { ...known, problem: 'a set there has no name of ours' }
    return { ...known, ...rest }
  })
}

/** Names that the program gives. */
export const setName = /^etcd-[A-Za-z0-9.-]+-\d{8}T\d{6}Z$/

/** So much of a file in one answer: base64 makes it a third longer. */
const piece = 24 * 1024 * 1024

/** Brings a set from a place by way of its machine; the machine has compared it with its checksum. */
export async function fetchSet({ machine, place, set }: PlacedSet, signal?: AbortSignal): Promise<Buffer> {
  const options = { title: `fetch ${set!.name}`, signal, timeoutSeconds: 3600 }
  const { stdout } = await machine.run(`${backupPaths.program} fetch ${place} ${quote(set!.name)}`, options)
  const file = quote(stdout.trim())
  const pieces: Buffer[] = []
  for (let read = 0; read < set!.bytes; read += piece) {
    const { stdout: text } = await machine.run(
      `tail -c +${read + 1} -- ${file} | head -c ${piece} | base64 -w 0`,
      options,
    )
    pieces.push(Buffer.from(text, 'base64'))
  }
  await machine.run(`rm -f -- ${file}`, { title: 'remove what was fetched' })
  return Buffer.concat(pieces)
}
