import type { Finding } from '../../cli/errors.ts'
import type { HostScope } from './ansible/host-scope.ts'
import { type Settings, textOf } from './ansible/placed.ts'
import type { OldKeyServer } from './old-cluster.ts'
import { leave, takeSettings, takeText, type Wanted } from './reading.ts'

const usualPath = '/masterlock'

/** The key server of the hosts that have encrypted volumes; they have to agree on it. */
export function readKeyServer(scopes: HostScope[], findings: Finding[]): OldKeyServer | undefined {
  const servers = scopes.flatMap((scope) => readOne(scope, findings) ?? [])
  const [first] = servers
  const other = servers.find((server) => said(server) !== said(first!))
  if (first && other) {
    const message = `hosts have different key servers, ${said(first)} and ${said(other)}: the first is taken`
    const hint = 'metaltasks has one for all nodes: move the keys of the others to it'
    findings.push({ severity: 'warning', message: `${message} (${other.host.from})`, hint })
  }
  return first
}

function said({ host, path }: OldKeyServer): string {
  return `${host.value}:${path?.value ?? usualPath}`
}

function readOne(scope: HostScope, findings: Finding[]): OldKeyServer | undefined {
  const hint = 'write keyServer into cluster.yaml'
  const wanted = (key: string): Wanted => ({ name: `masterkey.${key}`, hint, findings })
  const parts = takeSettings(scope.variable('masterkey'), scope, { ...wanted(''), name: 'masterkey' })
  if (!parts) return undefined
  const host = takeText(parts.get('host'), scope, { ...wanted('host'), format: 'hostname' })
  const path = takeText(parts.get('path'), scope, { ...wanted('path'), format: 'path' })
  noteRest(parts, wanted)
  if (path && path.value !== usualPath) noteOtherPath(path, findings)
  return host && { host, ...(path && { path }) }
}

// The playbook's handlers mount /masterlock, whatever the variable says.
function noteOtherPath(path: { value: string; from: string }, findings: Finding[]): void {
  const message = `masterkey.path is ${path.value} (${path.from}), but the old resize looks for ${usualPath}`
  const hint = 'cluster.yaml says where the keys are: see keyServer.path'
  findings.push({ severity: 'note', message, hint })
}

function noteRest(parts: Settings, wanted: (key: string) => Wanted): void {
  for (const [key, value] of parts) {
    if (['host', 'path'].includes(key)) continue
    if (!(key in ofMachines)) {
      leave(value.place, 'is nothing that the old playbook looks at', { ...wanted(key), hint: 'remove it' })
      continue
    }
    const { findings, name } = wanted(key)
    const message = `${name} (${textOf(value) ?? 'not a text'}) ${ofMachines[key]}`
    findings.push({ severity: 'note', ...value.place, message, hint: ownAccounts })
  }
}

/** What every machine used alike; keyServer.user is somebody who may make accounts there. */
const ofMachines: Readonly<Record<string, string>> = {
  user: 'is one account for all machines',
  sshkey_private: 'is one key for all machines',
}
const ownAccounts = 'tasks volumes:key-server gives each node its own; the old one works until you remove it'
