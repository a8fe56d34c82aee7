import { TaskError } from '../../cli/errors.ts'
import type { ClusterNode, Config, KeyServer } from '../../config/model.ts'
import { firstLabel } from '../../config/nodes.ts'
import type { Resource } from '../resource.ts'
import { pinnedKeys, readKnownHosts } from '../ssh/known-hosts.ts'
import { directories } from '../system/directories.ts'
import { file } from '../system/file.ts'
import type { Volume } from '../volumes/volume.ts'
import { keyPair } from './key-pair.ts'
import { keyServerProgram } from './key-server-program.ts'
import { manualProgram } from './manual-program.ts'
import { keyFolder, keyProgram, knownHostsFile } from './names.ts'
import { pinOf, sealedKey } from './sealed-key.ts'
import { sealedProgram } from './sealed-program.ts'

/** What a machine needs to read the keys of its volumes: before anything of them is made or opened. */
export function keyResources(node: ClusterNode, volumes: Volume[], config: Config): Resource[] {
  const { cluster } = config
  if (volumes.length === 0) return []
  if (cluster.unlock === 'manual') return [program(manualProgram())]
  const pin = pinOf(cluster)
  if (pin) return [program(sealedProgram()), ...volumes.map((volume) => sealedKey(volume, pin))]
  const server = cluster.keyServer!
  const label = firstLabel(node.name)
  const folder = directories({ paths: [keyFolder], mode: '0700' })
  return [folder, keyPair(label), pinnedServer(config.root, server), program(keyServerProgram(label, server))]
}

function program(content: string): Resource {
  return file({ path: keyProgram, content, mode: '0755' })
}

// The keys that this project trusts: a machine never takes one from the network by itself.
function pinnedServer(root: string, { host }: KeyServer): Resource {
  const keys = pinnedKeys(readKnownHosts(root), host)
  const content = keys.map(({ type, base64 }) => `${host} ${type} ${base64}\n`).join('')
  const pinned = file({ path: knownHostsFile, content, mode: '0600' })
  if (keys.length > 0) return pinned
  return {
    ...pinned,
    plan: () => {
      throw new TaskError(`the host key of the key server ${host} is not in known_hosts`, {
        hint: `tasks node:trust ${host}`,
      })
    },
  }
}
