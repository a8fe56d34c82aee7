import { type Finding, TaskError } from '../../cli/errors.ts'
import { registerSecret } from '../../cli/redact.ts'
import type { BackupPlace } from '../../config/kubeadm-model.ts'
import type { Config } from '../../config/model.ts'
import { s3Bucket, sshTarget } from '../../node/etcd-backup/place-address.ts'
import type { BackupPlaceSettings } from '../../node/etcd-backup/settings.ts'
import { pinnedKeys, readKnownHosts } from '../../node/ssh/known-hosts.ts'
import type { SecretProject } from '../../secrets/project.ts'
import { child, type MapNode } from '../../secrets/tree/tree.ts'

/** The places of the configuration with what it takes to reach them; all that is missing is told at once. */
export async function backupPlaces(config: Config, project: SecretProject): Promise<BackupPlaceSettings[]> {
  const findings: Finding[] = []
  const places: BackupPlaceSettings[] = []
  for (const place of config.cluster.backup.to) {
    try {
      places.push(await settingsOf(place, { config, project }))
    } catch (error) {
      if (!(error instanceof TaskError)) throw error
      findings.push(...error.findings.map((finding) => ({ ...place.place, ...finding })))
    }
  }
  if (findings.length > 0) throw new TaskError('backups cannot be copied as configured', { findings })
  return places
}

interface Known {
  config: Config
  project: SecretProject
}

async function settingsOf(place: BackupPlace, known: Known): Promise<BackupPlaceSettings> {
  const { folder } = place
  if (folder !== undefined) return { kind: 'folder', label: folder, folder, source: place.place }
  return place.ssh === undefined ? bucketOf(place, known) : serverOf(place, known)
}

async function serverOf(place: BackupPlace, { config, project }: Known): Promise<BackupPlaceSettings> {
  const text = place.ssh!
  const target = sshTarget(text)
  if (!target)
    throw new TaskError(`backup.to: ${text} is no place over SSH`, {
      hint: 'ssh: backup@nas.example.com:/srv/backup, or ssh://backup@nas.example.com:2222/srv/backup',
    })
  const pinned = pinnedKeys(readKnownHosts(config.root), target.host)
  if (pinned.length === 0)
    throw new TaskError(`${target.host} has no pinned host key: backups go to no server that nobody knows`, {
      hint: `tasks node:trust ${target.host}`,
    })
  const key = await secretOf(place, { name: 'key', project })
  const names = target.port === 22 ? target.host : `[${target.host}]:${target.port},${target.host}`
  const knownHosts = pinned.map(({ type, base64 }) => `${names} ${type} ${base64}\n`).join('')
  return { kind: 'ssh', label: text, target, key, knownHosts }
}

async function bucketOf(place: BackupPlace, { project }: Known): Promise<BackupPlaceSettings> {
  const text = place.s3!
  const bucket = s3Bucket(text)
  if (!bucket)
    throw new TaskError(`backup.to: ${text} is no bucket`, { hint: 's3: https://s3.example.com/bucket' })
  const accessKey = await secretOf(place, { name: 'accessKey', project })
  const secretKey = await secretOf(place, { name: 'secretKey', project })
  return { kind: 's3', label: text, bucket, region: place.region ?? 'us-east-1', accessKey, secretKey }
}

async function secretOf(
  { secret }: BackupPlace,
  { name, project }: { name: string; project: SecretProject },
): Promise<string> {
  if (secret === undefined)
    throw new TaskError(`backup.to: the place needs a secret file with ${name}`, {
      hint: `secret: backup, and: tasks secrets:new backup ${name}`,
    })
  const file = await project.find(secret)
  const { clear } = await project.open(file)
  const value = textAt(clear[0]!, name)
  if (value === undefined || value === '')
    throw new TaskError(`${project.shown(file)} has no ${name}`, {
      hint: `tasks secrets:set ${secret} ${name}`,
    })
  registerSecret(value)
  return value
}

// A Secret's manifest has it in stringData, or in base64 in data; another file at its top.
function textAt(tree: MapNode, name: string): string | undefined {
  const at = (node: MapNode | undefined) => {
    const found = node && child(node, name)
    return found?.type === 'leaf' && typeof found.value === 'string' ? found.value : undefined
  }
  const map = (key: string) => {
    const found = child(tree, key)
    return found?.type === 'map' ? found : undefined
  }
  const encoded = at(map('data'))
  return at(tree) ?? at(map('stringData')) ?? (encoded && Buffer.from(encoded, 'base64').toString())
}
