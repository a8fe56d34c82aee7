import type { Place } from '../../cli/errors.ts'
import { quote } from '../../cli/process/quote.ts'
import { backupPaths } from './paths.ts'

/** What the backups of one machine are told. */
export interface BackupSettings {
  cluster: string
  /** Name of the node. */
  host: string
  /** How many sets of this machine each place keeps. */
  keep: number
  /** age recipients: public keys. */
  recipients: readonly string[]
  places: readonly BackupPlaceSettings[]
}

/** A place that sets are copied to, with all that it takes to get there. */
export type BackupPlaceSettings = { label: string } & (
  | { kind: 'folder'; folder: string; source?: Place }
  | { kind: 'ssh'; target: SshTarget; key: string; knownHosts: string }
  | { kind: 's3'; bucket: S3Bucket; region: string; accessKey: string; secretKey: string }
)

/** Of "user@host:path" or "ssh://user@host:port/path". */
export interface SshTarget {
  user: string
  host: string
  port: number
  path: string
}

/** Of "https://host/bucket/prefix". */
export interface S3Bucket {
  /** "https://host/bucket" */
  url: string
  /** "", or it ends with a slash. */
  prefix: string
}

export interface SettingsFile {
  path: string
  content: string
  mode: string
  secret: boolean
}

/** The files that hold them, in a folder. */
export function settingsFiles(settings: BackupSettings): (folder?: string) => SettingsFile[] {
  const { cluster, host, keep, recipients, places } = settings
  const values = { cluster, host, keep: String(keep) }
  return (folder = backupPaths.settings) => [
    open(`${folder}/settings`, assignments(values)),
    open(`${folder}/recipients`, recipients.map((one) => `${one}\n`).join('')),
    ...places.flatMap((place, index) => placeFiles(place, `${folder}/places/${index + 1}`)),
  ]
}

function placeFiles(place: BackupPlaceSettings, base: string): SettingsFile[] {
  const { kind, label } = place
  if (kind === 'folder') return [open(`${base}.conf`, assignments({ kind, label, folder: place.folder }))]
  if (kind === 'ssh') {
    const { target, key, knownHosts } = place
    return [
      secret(`${base}.key`, key.endsWith('\n') ? key : `${key}\n`),
      open(`${base}.known_hosts`, knownHosts),
      open(`${base}.ssh_config`, sshConfig(target, base)),
      open(`${base}.conf`, assignments({ kind, label, path: target.path })),
    ]
  }
  const { url, prefix } = place.bucket
  return [
    secret(`${base}.curl`, curlConfig(place)),
    open(`${base}.conf`, assignments({ kind, label, bucket: url, prefix })),
  ]
}

function assignments(values: Record<string, string>): string {
  const lines = Object.entries(values).map(([name, value]) => `${name}=${quote(value)}\n`)
  return `# Written by metaltasks.\n${lines.join('')}`
}

function sshConfig({ user, host, port }: SshTarget, base: string): string {
  return `# Written by metaltasks.
Host place
  HostName ${host}
  HostKeyAlias ${host}
  Port ${port}
  User ${user}
  IdentityFile ${base}.key
  IdentitiesOnly yes
  IdentityAgent none
  UserKnownHostsFile ${base}.known_hosts
  GlobalKnownHostsFile none
  StrictHostKeyChecking yes
  CheckHostIP no
  BatchMode yes
  ConnectTimeout 20
  ServerAliveInterval 10
  ServerAliveCountMax 3
`
}

// What is slower than a byte in two minutes does not answer any more.
function curlConfig({ region, accessKey, secretKey }: Extract<BackupPlaceSettings, { kind: 's3' }>): string {
  const credentials = `${accessKey}:${secretKey}`.replace(/[\\"]/g, '\\$&')
  return `# Written by metaltasks.
silent
show-error
fail
connect-timeout = 20
speed-limit = 1
speed-time = 120
aws-sigv4 = "aws:amz:${region}:s3"
user = "${credentials}"
`
}

function open(path: string, content: string): SettingsFile {
  return { path, content, mode: '0600', secret: false }
}

function secret(path: string, content: string): SettingsFile {
  return { path, content, mode: '0600', secret: true }
}
