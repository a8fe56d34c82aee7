import { sandboxFiles } from './files.ts'
import type { Ports } from './ports.ts'

/** The programs that make up a running sandbox, in the order in which they start. */
export const componentNames = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kwok',
] as const
export type ComponentName = (typeof componentNames)[number]

/** What the command lines depend on. */
export interface ComponentSettings {
  directory: string
  ports: Ports
  podSubnet: string
  serviceSubnet: string
}

/** The arguments of each program. */
export function componentArguments(name: ComponentName, settings: ComponentSettings): string[] {
  const builders: Record<ComponentName, (settings: ComponentSettings) => string[]> = {
    etcd: etcdArguments,
    'kube-apiserver': apiServerArguments,
    'kube-controller-manager': controllerManagerArguments,
    'kube-scheduler': schedulerArguments,
    kwok: kwokArguments,
  }
  return builders[name](settings)
}

function etcdArguments({ directory, ports }: ComponentSettings): string[] {
  const files = sandboxFiles(directory)
  const client = `https://127.0.0.1:${ports.etcd}`
  const peer = `https://127.0.0.1:${ports.etcdPeer}`
  return [
    '--name=sandbox',
    `--data-dir=${files.etcdData}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=sandbox=${peer}`,
    // Other users of this machine reach loopback too: only our certificates are let in.
    '--client-cert-auth=true',
    `--trusted-ca-file=${files.authority.certificate}`,
    `--cert-file=${files.etcd.certificate}`,
    `--key-file=${files.etcd.key}`,
    '--peer-client-cert-auth=true',
    `--peer-trusted-ca-file=${files.authority.certificate}`,
    `--peer-cert-file=${files.etcd.certificate}`,
    `--peer-key-file=${files.etcd.key}`,
    // A rehearsal may lose its last seconds with the power, not with a killed process.
    '--unsafe-no-fsync=true',
    '--auto-compaction-mode=revision',
    '--auto-compaction-retention=10000',
    '--quota-backend-bytes=4294967296',
    '--log-level=warn',
  ]
}

function apiServerArguments({ directory, ports, serviceSubnet }: ComponentSettings): string[] {
  const files = sandboxFiles(directory)
  return [
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${ports.api}`,
    // An address on loopback may not stand in Endpoints; nothing in the sandbox asks for the kubernetes Service.
    '--endpoint-reconciler-type=none',
    `--etcd-servers=https://127.0.0.1:${ports.etcd}`,
    `--etcd-cafile=${files.authority.certificate}`,
    `--etcd-certfile=${files.etcd.certificate}`,
    `--etcd-keyfile=${files.etcd.key}`,
    `--client-ca-file=${files.authority.certificate}`,
    `--tls-cert-file=${files.apiServer.certificate}`,
    `--tls-private-key-file=${files.apiServer.key}`,
    '--tls-min-version=VersionTLS12',
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${files.serviceAccount.publicKey}`,
    `--service-account-signing-key-file=${files.serviceAccount.privateKey}`,
    '--service-account-extend-token-expiration=false',
    `--service-cluster-ip-range=${serviceSubnet}`,
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    `--admission-control-config-file=${files.admission}`,
    `--encryption-provider-config=${files.encryption}`,
    `--egress-selector-config-file=${files.egress}`,
    `--audit-policy-file=${files.audit}`,
    `--audit-log-path=${files.auditLog}`,
    '--audit-log-maxsize=20',
    '--audit-log-maxbackup=2',
    '--allow-privileged=true',
    '--profiling=false',
  ]
}

function controllerManagerArguments({ directory, podSubnet, serviceSubnet }: ComponentSettings): string[] {
  const files = sandboxFiles(directory)
  return [
    `--kubeconfig=${files.controllerManager}`,
    '--leader-elect=false',
    '--secure-port=0',
    '--profiling=false',
    '--use-service-account-credentials=true',
    // Its own limit of 20 requests a second alone would make a start five seconds longer.
    '--kube-api-qps=300',
    '--kube-api-burst=600',
    '--node-monitor-period=1s',
    // A KWOK that was started anew waits for its old Lease to run out first.
    '--node-monitor-grace-period=120s',
    '--controllers=*,bootstrapsigner,tokencleaner',
    `--root-ca-file=${files.authority.certificate}`,
    `--cluster-signing-cert-file=${files.authority.certificate}`,
    `--cluster-signing-key-file=${files.authority.key}`,
    `--service-account-private-key-file=${files.serviceAccount.privateKey}`,
    '--allocate-node-cidrs=true',
    `--cluster-cidr=${podSubnet}`,
    `--service-cluster-ip-range=${serviceSubnet}`,
    '--cluster-name=sandbox',
  ]
}

function schedulerArguments({ directory }: ComponentSettings): string[] {
  const files = sandboxFiles(directory)
  return [
    `--kubeconfig=${files.scheduler}`,
    '--leader-elect=false',
    '--secure-port=0',
    '--profiling=false',
    '--kube-api-qps=300',
    '--kube-api-burst=600',
  ]
}

function kwokArguments({ directory }: ComponentSettings): string[] {
  const files = sandboxFiles(directory)
  return [
    `--kubeconfig=${files.kwok}`,
    `--config=${files.stages}`,
    '--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake',
    '--node-lease-duration-seconds=40',
    '-v=WARN',
  ]
}
