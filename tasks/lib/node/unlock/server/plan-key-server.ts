import { TaskError } from '../../../cli/errors.ts'
import { quote } from '../../../cli/process/quote.ts'
import type { KeyServer } from '../../../config/model.ts'
import { UnreachableError } from '../../errors.ts'
import type { Machine } from '../../machine.ts'
import type { NodeStep } from '../../plan/plan-nodes.ts'
import type { Resource } from '../../resource.ts'
import type { Volume } from '../../volumes/volume.ts'
import { keyPair } from '../key-pair.ts'
import { accountOf, identityFile, keysOf } from '../names.ts'
import { keyFolders, sftpAccess } from './access.ts'
import { authorizedKey, nodeAccount, type PublicKey } from './account.ts'
import { storedKey } from './stored-key.ts'

/** A node whose volumes have their keys on the key server. */
export interface KeyedNode {
  /** First label: "kube1". */
  label: string
  machine: Machine
  volumes: Volume[]
}

export interface KeyServerMachine extends KeyServer {
  machine: Machine
}

/** The SSH keys of the nodes, made on each of them: what the key server lets in. */
export function nodeKeyPairs(nodes: readonly KeyedNode[]): NodeStep['work'] {
  return nodes.map(({ label, machine }) => ({ machine, resources: [keyPair(label)] }))
}

/**
 * What the key server has of these nodes: an account, its way in, the keys of its volumes. The nodes are asked first
 * what they have; of one that cannot be reached the key server keeps what it has.
 */
export async function keyServerWork(
  nodes: readonly KeyedNode[],
  server: KeyServerMachine,
): Promise<NodeStep['work']> {
  refuseSameLabel(nodes)
  const known = await Promise.all(nodes.map(async (node) => ({ node, state: await readNode(node) })))
  const reached = known.flatMap(({ node, state }) => (state ? [{ node, state }] : []))
  const folders = reached.map(({ node }) => keysOf(node.label, server))
  const resources = [
    sftpAccess(),
    keyFolders(server.path.replace(/(?<=.)\/+$/, ''), folders),
    ...reached.flatMap(({ node, state }) => nodeOnServer(node, { server, state })),
  ]
  return [{ machine: server.machine, resources }]
}

// Their keys would be in one folder, and each could read the other's.
function refuseSameLabel(nodes: readonly KeyedNode[]): void {
  const seen = new Map<string, string>()
  for (const { label, machine } of nodes) {
    const other = seen.get(label)
    if (other)
      throw new TaskError(`${other} and ${machine.name} would share the keys of ${label}`, {
        hint: 'give them names with different first labels',
      })
    seen.set(label, machine.name)
  }
}

interface NodeState {
  publicKey: PublicKey
  /** Names of volumes that carry LUKS. */
  formatted: Set<string>
}

async function readNode({ machine, volumes }: KeyedNode): Promise<NodeState | undefined> {
  const read = async () => {
    const { stdout } = await machine.run(`cat ${identityFile}.pub`, { title: 'read the public SSH key' })
    return stdout
  }
  const script = [
    `cat ${identityFile}.pub 2>/dev/null || echo`,
    ...volumes.map(({ device }) => `echo "$(blkid -p -s TYPE -o value ${quote(device)} 2>/dev/null)"`),
    'true',
  ].join('\n')
  try {
    const { stdout } = await machine.run(script, { title: 'read the public SSH key' })
    const [text = '', ...types] = stdout.split('\n')
    const formatted = volumes.filter((_, index) => types[index] === 'crypto_LUKS').map(({ name }) => name)
    return { publicKey: { ...(text && { text }), read }, formatted: new Set(formatted) }
  } catch (error) {
    // Planning asks again, and names it.
    if (error instanceof UnreachableError) return undefined
    throw error
  }
}

function nodeOnServer(
  { label, volumes }: KeyedNode,
  { server, state }: { server: KeyServer; state: NodeState },
): Resource[] {
  const account = accountOf(label)
  const folder = keysOf(label, server)
  return [
    nodeAccount(account, folder),
    authorizedKey(account, state.publicKey),
    ...volumes.map(({ name, place }) => ({
      ...storedKey({ folder, volume: name, account, isInUse: state.formatted.has(name) }),
      source: place,
    })),
  ]
}
