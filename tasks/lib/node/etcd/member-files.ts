import {
  clientUrl,
  etcdPki,
  etcdSettings,
  type HostCluster,
  type HostMember,
  initialFile,
  peerUrl,
} from './member.ts'

/** Where its settings are. */
export const etcdEnvironmentFile = `${etcdSettings}/etcd.env`
export const etcdUnitFile = '/etc/systemd/system/etcd.service'

/** Settings of a member, as etcd takes them from its environment. */
export function etcdEnvironment(member: HostMember): string {
  const settings = {
    NAME: member.name,
    DATA_DIR: '/var/lib/etcd',
    LISTEN_CLIENT_URLS: `${clientUrl(member)},https://127.0.0.1:2379`,
    ADVERTISE_CLIENT_URLS: clientUrl(member),
    LISTEN_PEER_URLS: peerUrl(member),
    INITIAL_ADVERTISE_PEER_URLS: peerUrl(member),
    LISTEN_METRICS_URLS: 'http://127.0.0.1:2381',
    CERT_FILE: `${etcdPki}/server.crt`,
    KEY_FILE: `${etcdPki}/server.key`,
    TRUSTED_CA_FILE: `${etcdPki}/ca.crt`,
    CLIENT_CERT_AUTH: 'true',
    PEER_CERT_FILE: `${etcdPki}/peer.crt`,
    PEER_KEY_FILE: `${etcdPki}/peer.key`,
    PEER_TRUSTED_CA_FILE: `${etcdPki}/ca.crt`,
    PEER_CLIENT_CERT_AUTH: 'true',
    TLS_MIN_VERSION: 'TLS1.2',
    AUTO_COMPACTION_MODE: 'periodic',
    AUTO_COMPACTION_RETENTION: '8h',
    QUOTA_BACKEND_BYTES: String(8 * 2 ** 30),
  }
  return `# Written by metaltasks.\n${environmentLines(settings)}`
}

/** What the first members of a new cluster start with. */
export function foundingEnvironment({ id, members }: HostCluster): string {
  return environmentLines({
    INITIAL_CLUSTER: members.map((member) => `${member.name}=${peerUrl(member)}`).join(','),
    INITIAL_CLUSTER_STATE: 'new',
    INITIAL_CLUSTER_TOKEN: id,
  })
}

function environmentLines(settings: Record<string, string>): string {
  return Object.entries(settings)
    .map(([name, value]) => `ETCD_${name}=${value}\n`)
    .join('')
}

/** The unit of systemd. It is started once it knows its peers, and waits for its data where they are on a volume. */
export const etcdUnit = `# Written by metaltasks.
[Unit]
Description=etcd of the Kubernetes cluster
Documentation=https://etcd.io/docs/
Wants=network-online.target
After=network-online.target
RequiresMountsFor=/var/lib/etcd

[Service]
Type=notify
User=etcd
EnvironmentFile=${etcdEnvironmentFile}
EnvironmentFile=${initialFile}
ExecStart=/usr/local/bin/etcd
Restart=always
RestartSec=5
TimeoutStartSec=infinity
LimitNOFILE=65536
OOMScoreAdjust=-999
IOSchedulingPriority=0
NoNewPrivileges=true
ProtectSystem=strict
ReadWritePaths=/var/lib/etcd
ProtectHome=true
PrivateTmp=true
PrivateDevices=true

[Install]
WantedBy=multi-user.target
`
