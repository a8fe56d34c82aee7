import type { Finding } from '../../cli/errors.ts'
import { unsupportedVersion } from '../variables/supported-versions.ts'
import type { HostScope } from './ansible/host-scope.ts'
import { type Settings, settingsOf } from './ansible/placed.ts'
import type { OldCluster } from './old-cluster.ts'
import { leave, type Taken, takeSettings, takeText, type Wanted } from './reading.ts'

type KubernetesSettings = Pick<OldCluster, 'version' | 'endpoint' | 'podSubnet' | 'serviceSubnet'>

// What kubeadm was told once, or what the playbook alone needs: the cluster keeps it as it is.
const doneWith = [
  'admin_config',
  'apt_repo',
  'coredns_version',
  'cplane',
  'cplane_hostip',
  'master',
  'master_ip',
]
const understood = [
  'version',
  'pod_network',
  'service_network',
  'cplane_vip',
  'local_vols',
  'service',
  ...doneWith,
]

/** What "k8s" and "k8s_override" say on a control plane: version, subnets and the common address. */
export function readKubernetes(
  scope: HostScope,
  { volumesPath, findings }: { volumesPath?: string; findings: Finding[] },
): KubernetesSettings {
  const wanted = (key: string): Wanted => {
    return { name: `k8s.${key}`, hint: 'write it into cluster.yaml', findings }
  }
  const own = scope.variable('k8s_override')
  const parts = takeSettings(scope.variable('k8s') ?? own, scope, { ...wanted(''), name: 'k8s' })
  if (!parts) return {}
  reportRest(scope, wanted)
  reportOtherPath(parts, { scope, volumesPath, wanted: wanted('local_vols') })
  const podSubnet = takeText(parts.get('pod_network'), scope, { ...wanted('pod_network'), format: 'cidr' })
  const serviceSubnet = takeText(parts.get('service_network'), scope, {
    ...wanted('service_network'),
    format: 'cidr',
  })
  const vip = takeText(parts.get('cplane_vip'), scope, { ...wanted('cplane_vip'), format: 'hostname' })
  const version = versionOf(parts, { scope, wanted: wanted('version') })
  return {
    ...(version && { version }),
    ...(podSubnet && { podSubnet }),
    ...(serviceSubnet && { serviceSubnet }),
    ...(vip && { endpoint: { ...vip, value: `${vip.value}:6443` } }),
  }
}

interface Part {
  scope: HostScope
  wanted: Wanted
}

function versionOf(parts: Settings, { scope, wanted }: Part): Taken | undefined {
  const taken = takeText(parts.get('version'), scope, wanted)
  if (!taken) return undefined
  const value = taken.value.replace(/^v/, '')
  const { place } = parts.get('version')!
  if (!/^[0-9]+\.[0-9]+\.[0-9]+$/.test(value))
    return leave(place, `is "${value}", expected three numbers`, wanted)
  if (!unsupportedVersion(value)) return { ...taken, value }
  const hint = 'first bring the cluster to a supported version, one minor version at a time'
  return leave(place, `is ${value}: ${unsupportedVersion(value)!.message}`, { ...wanted, hint })
}

function reportOtherPath(
  parts: Settings,
  { scope, volumesPath, wanted }: Part & { volumesPath?: string },
): void {
  const path = takeText(parts.get('local_vols'), scope, wanted)
  if (!path || !volumesPath || path.value === volumesPath) return
  const hint = 'one of the two folders holds the volumes: set volumes.path to it'
  leave(parts.get('local_vols')!.place, `is ${path.value}, but K8S_VOLUMES_PATH is ${volumesPath}`, {
    ...wanted,
    hint,
  })
}

function reportRest(scope: HostScope, wanted: (key: string) => Wanted): void {
  for (const name of ['k8s', 'k8s_override']) {
    for (const [key, { place, content }] of settingsOf(scope.written.get(name)) ?? []) {
      if (understood.includes(key) || content === '') continue
      const hint = 'the running cluster keeps it; say it to metaltasks where it has a field for it'
      leave(place, 'has no field in cluster.yaml', { ...wanted(key), name: `${name}.${key}`, hint })
    }
  }
}
