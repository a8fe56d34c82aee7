import type { Cluster, ClusterNode, SyncedFolder } from '../../config/model.ts'
import { firstLabel, nodesMatching } from '../../config/nodes.ts'
import type { GroundOptions } from '../directories/ground.ts'
import type { Resource } from '../resource.ts'
import type { HostKey } from '../ssh/known-hosts.ts'
import { file } from '../system/file.ts'
import { packages } from '../system/packages.ts'
import { unit } from '../system/unit.ts'
import { syncFolder } from './folder.ts'
import { allowedKey, type PublicKey, syncKey } from './key.ts'
import { leftOver } from './left-over.ts'
import { syncProfile, syncProgram, syncProgramText, syncSettings, syncState } from './program.ts'
import { serviceText, syncUnit, timerText } from './units.ts'

/** What a machine has to do with folders that several machines keep the same. */
export interface SyncRole {
  /** Folders that are on it, their nodes by first label. */
  folders: SyncedFolder[]
  /** Those of them that it runs. */
  runs: SyncedFolder[]
  /** Nodes that it runs them with. */
  peers: ClusterNode[]
  /** First labels of the nodes that run a folder of this one. */
  runners: string[]
}

/** The role of a node by the configuration. */
export function syncRole(node: ClusterNode, { nodes, sync }: Pick<Cluster, 'nodes' | 'sync'>): SyncRole {
  const own = firstLabel(node.name)
  const nodeOf = (name: string) => nodesMatching(nodes, name)[0]!
  const all = sync.map((folder) => ({
    ...folder,
    nodes: folder.nodes.map((name) => firstLabel(nodeOf(name).name)),
  }))
  const folders = all.filter((folder) => folder.nodes.includes(own))
  const runs = folders.filter((folder) => folder.nodes[0] === own)
  const peers = new Set(runs.flatMap((folder) => folder.nodes.slice(1)))
  const runners = new Set(folders.map((folder) => folder.nodes[0]!).filter((name) => name !== own))
  return { folders, runs, peers: [...peers].map(nodeOf), runners: [...runners] }
}

/** What comes first on a machine that runs folders: programs, and the key that the others let in. */
export function syncBasics(node: ClusterNode, role: SyncRole): Resource[] {
  if (role.folders.length === 0) return []
  return [
    packages(['unison', 'openssh-client', 'util-linux']),
    file({ path: syncProgram, content: syncProgramText, mode: '0755' }),
    ...(role.runs.length > 0 ? [syncKey(firstLabel(node.name))] : []),
  ]
}

export interface SyncSurroundings {
  ground: GroundOptions
  /** The public key of each runner. */
  keys: ReadonlyMap<string, PublicKey>
  /** The pinned host keys of each peer. */
  hostKeys(node: ClusterNode): HostKey[]
  /** Port and address by which nodes reach each other. */
  port?: number
}

/** Everything else, once the keys are there: folders, who may connect, profiles, timers; and nothing that was before. */
export function syncResources(role: SyncRole, surroundings: SyncSurroundings): Resource[] {
  const { ground, keys } = surroundings
  return [
    leftOver(role),
    ...role.runners.map((runner) => allowedKey(keys.get(runner)!)),
    ...role.folders.map((folder) => syncFolder(folder, ground)),
    ...role.folders.map(({ name, path }) =>
      file({ path: `${syncState}/${name}/common.prf`, content: syncProfile(path) }),
    ),
    ...(role.runs.length > 0 ? connectionFiles(role, surroundings) : []),
    ...role.runs.flatMap(timerOf),
  ]
}

function connectionFiles({ peers }: SyncRole, { hostKeys, port }: SyncSurroundings): Resource[] {
  const known = peers.flatMap((node) =>
    hostKeys(node).map(({ type, base64 }) => `${node.name} ${type} ${base64}\n`),
  )
  const hosts = peers.map((node) =>
    [
      `Host ${firstLabel(node.name)}`,
      `  HostName ${node.address ?? node.name}`,
      `  HostKeyAlias ${node.name}`,
      `  Port ${node.port ?? port ?? 22}`,
      '',
    ].join('\n'),
  )
  return [
    file({ path: `${syncSettings}/known_hosts`, content: known.join('') }),
    file({
      path: `${syncSettings}/ssh_config`,
      content: `# Written by metaltasks.\n${hosts.join('')}${forAll}`,
    }),
  ]
}

const forAll = `Host *
  User root
  IdentityFile ${syncSettings}/id_ed25519
  IdentitiesOnly yes
  IdentityAgent none
  UserKnownHostsFile ${syncSettings}/known_hosts
  GlobalKnownHostsFile none
  StrictHostKeyChecking yes
  CheckHostIP no
  BatchMode yes
  ConnectTimeout 10
  ServerAliveInterval 5
  ServerAliveCountMax 3
  ControlMaster auto
  ControlPath /run/metaltasks-sync-%C
  ControlPersist 20
`

function timerOf(folder: SyncedFolder): Resource[] {
  const base = `/etc/systemd/system/${syncUnit(folder.name)}`
  const service = { path: `${base}.service`, content: serviceText(folder) }
  const timer = { path: `${base}.timer`, content: timerText(folder) }
  return [
    file(service),
    file(timer),
    unit({ name: `${syncUnit(folder.name)}.timer`, enabled: true, active: true, files: [timer, service] }),
  ]
}
