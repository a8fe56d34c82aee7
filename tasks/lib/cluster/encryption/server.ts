import { createHash } from 'node:crypto'
import { TaskError } from '../../cli/errors.ts'
import { quote } from '../../cli/process/quote.ts'
import { type ProviderKey, readEncryptionFile } from '../../kubernetes/api-server/encryption-file.ts'
import type { Machine } from '../../node/machine.ts'

/** An API server with an encryption configuration of its own. */
export interface EncryptionServer {
  /** The name of its node. */
  name: string
  machine: Machine
  /** Its --encryption-provider-config. */
  file: string
  /** Shell that defines `api`, kubectl for this very server, and `etcd`, etcdctl for the etcd behind it. */
  programs: string
}

/** What an API server has on its disk, and what it works with. */
export interface ServerState {
  server: EncryptionServer
  /** Of its file; the first one writes. */
  keys: ProviderKey[]
  /** sha256 of its file. */
  sha256: string
  /** sha256 of the file that it works with. */
  loaded: string
  /** By which its lease in kube-system is known. */
  identity: string
}

/** Asks one API server; nothing is changed. A TaskError where it does not answer for itself. */
export async function readServer(server: EncryptionServer): Promise<ServerState> {
  const { machine, file, programs } = server
  const title = `read the encryption configuration and what the API server has of it`
  const { stdout } = await machine.run(`set -eu\n${programs}\n${readScript(file)}`, {
    title,
    timeoutSeconds: 60,
  })
  const shown = `${machine.label}:${file}`
  const [encoded = '', ...metrics] = stdout.split('\n')
  if (metrics.at(-2) !== 'end') throw new TaskError(`${shown}: the answer was cut off`, { hint: again })
  const bytes = Buffer.from(encoded, 'base64')
  const [, identity, loaded] = info.exec(metrics.join('\n')) ?? []
  if (!identity || !loaded)
    throw new TaskError(
      `${machine.label}: its API server does not say which encryption configuration it has`,
      {
        hint: `is it started with --encryption-provider-config=${file}? Kubernetes 1.34 and later say it`,
      },
    )
  return {
    server,
    keys: readEncryptionFile(bytes.toString(), { shown }),
    sha256: createHash('sha256').update(bytes).digest('hex'),
    ...{ loaded, identity },
  }
}

const again = 'run the same command again'

const metric = 'apiserver_encryption_config_controller_last_config_info'
const info = new RegExp(
  `^${metric}\\{apiserver_id_hash="sha256:([0-9a-f]{64})",hash="sha256:([0-9a-f]{64})"`,
  'm',
)

function readScript(file: string): string {
  return [
    `encoded=$(base64 -w 0 -- ${quote(file)})`,
    'metrics=$(api get --raw /metrics)',
    `printf '%s\\n' "$encoded"`,
    `printf '%s\\n' "$metrics" | grep '^${metric}' || :`,
    'echo end',
  ].join('\n')
}
