import { createHash } from 'node:crypto'
import type { KeyServer } from '../../config/model.ts'

/** What a machine needs to get at its keys; root's alone. */
export const keyFolder = '/etc/volume-keys'
/** The machine's own SSH key, made on it; it never leaves it. */
export const identityFile = `${keyFolder}/id_ed25519`
/** The pinned host keys of the key server, and nothing else. */
export const knownHostsFile = `${keyFolder}/known_hosts`
/** The volumes that have to be open and mounted before containers run. */
export const tableFile = `${keyFolder}/volumes`

/** Prints the key of a volume. */
export const keyProgram = '/usr/local/sbin/volume-key'
/** Opens and mounts all volumes of the table. */
export const openProgram = '/usr/local/sbin/volumes-open'
/** The boot unit; its name is kept by all versions. */
export const bootUnit = 'metaltasks-volumes.service'
/** What must not run while a volume is closed. */
export const waitingUnits = ['containerd', 'docker', 'cri-docker', 'kubelet'] as const

/** Group of all accounts that nodes read their keys with. */
export const accountGroup = 'volume-keys'

/** A node's account on the key server, at most 32 characters as useradd wants: "keys-kube1". */
export function accountOf(node: string): string {
  const name = `keys-${node}`
  if (name.length <= 32) return name
  return `${name.slice(0, 23)}-${createHash('sha256').update(node).digest('hex').slice(0, 8)}`
}

/** Where a node's keys are on the key server: "/masterlock/keys/kube1". */
export function keysOf(node: string, { path }: KeyServer): string {
  return `${path.replace(/\/+$/, '')}/keys/${node}`
}

/** The sealed first key of a volume that Tang or a TPM opens. */
export function sealedFile(volume: string): string {
  return `${keyFolder}/${volume}.jwe`
}
