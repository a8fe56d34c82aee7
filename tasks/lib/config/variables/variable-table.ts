import type { FormatName } from './formats.ts'

/** One row of the table from which values, checks, --help, the README table and the JSON schema come. */
export interface VariableDefinition {
  name: string
  summary: string
  format: FormatName
  /** Unset without one: a manifest that needs it says so. $NAME in it is expanded. */
  default?: string
  /** Shown in hints where there is no default. */
  example?: string
  choices?: readonly string[]
  secret?: boolean
}

export interface VariableGroup {
  title: string
  variables: VariableDefinition[]
}

/** Every variable that metaltasks knows, by group. */
export const variableGroups: VariableGroup[] = [
  {
    title: 'Project',
    variables: [
      text('DOMAIN', 'hostname', 'domain under which nodes and services are named', {
        default: 'example.com',
      }),
      text('MYDOMAIN', 'hostname', 'older name of DOMAIN', { default: '$DOMAIN' }),
      text('CLUSTER_NAME', 'name', 'name of the cluster in plans and contexts', { default: 'home' }),
      text('K8S_NAMESPACE', 'name', "the user's namespace", { default: 'worker' }),
      text('TZ', 'timezone', 'time zone of containers', { default: 'UTC' }),
      text('EDITOR', 'text', 'editor for secret files', { default: 'vi' }),
      text('DOL', 'text', 'a dollar sign, for manifests that need one as text', { default: '$' }),
    ],
  },
  {
    title: 'Nodes',
    variables: [
      text('K8S_NODES', 'nodeNames', 'names of the nodes; unset, and the sandbox is the target', {
        example: '"kube1.$DOMAIN kube2.$DOMAIN kube3.$DOMAIN"',
      }),
      text('NODES', 'nodeNames', 'nodes that get PersistentVolumes', { default: '$K8S_NODES' }),
      text('NODE', 'nodeName', 'the one node that a task is about, by full name or first label', {
        example: 'kube1',
      }),
      text('SSH_USER', 'account', 'user to log in to nodes as', { example: 'ops' }),
      text('SSH_IDENTITY', 'text', 'private key file for the nodes', { example: '~/.ssh/id_ed25519' }),
      text('SANDBOX_NODES', 'nodeNames', 'simulated nodes where no node is configured', {
        default: 'kube1 kube2 kube3',
      }),
      text('SANDBOX_BIN', 'path', 'folder with ready binaries for the sandbox', {
        example: '/opt/kubernetes/bin',
      }),
      text('KUBECONFIG', 'text', 'where tasks kubeconfig writes contexts', { example: '$HOME/.kube/config' }),
      text('K8S_KUBECONFIG', 'text', 'kubeconfig file of the configured cluster', {
        example: '~/.kube/home.conf',
      }),
      text('K8S_CONTEXT', 'text', 'context in that file', { example: 'sudo' }),
      text('K8S_VERSION', 'kubernetesVersion', 'version of Kubernetes', { default: '1.36.3' }),
    ],
  },
  {
    title: 'Volumes',
    variables: [
      text('K8S_VOLUMES_PATH', 'path', 'folder of local volumes on each node', {
        default: '/var/lib/k8s-volumes',
      }),
      text('POOL_NUM_SMALL', 'integer', 'small volumes per node', { default: '0030' }),
      text('POOL_NUM_MEDIUM', 'integer', 'medium volumes per node', { default: '0010' }),
      text('POOL_NUM_LARGE', 'integer', 'large volumes per node', { default: '0' }),
      text('POOL_SIZE_SMALL', 'size', 'size of a small volume', { default: '500Mi' }),
      text('POOL_SIZE_MEDIUM', 'size', 'size of a medium volume, and of named ones', { default: '8Gi' }),
      text('POOL_SIZE_LARGE', 'size', 'size of a large volume', { default: '20Gi' }),
      text('NAMED_VOLUMES', 'names', 'volumes with a name of their own on each node', {
        default: 'share $LOCAL_VOLUMES',
      }),
      text('LOCAL_VOLUMES', 'names', 'further named volumes', { default: '' }),
      text('PATH_ADM', 'path', 'folder of read-only configuration', { default: '$K8S_VOLUMES_PATH/admin' }),
      text('PATH_BKP', 'path', 'folder of backups', { default: '$K8S_VOLUMES_PATH/backup' }),
      text('PATH_SHR', 'path', 'folder that is kept equal on all nodes', {
        default: '$K8S_VOLUMES_PATH/share',
      }),
    ],
  },
  {
    title: 'Limits and quota of the namespace',
    variables: [
      text('LIMIT_CPU_DEFAULT', 'quantity', 'CPU limit of a container that names none', { default: '500m' }),
      text('LIMIT_CPU_REQUEST', 'quantity', 'CPU request of a container that names none', { default: '50m' }),
      text('LIMIT_MEM_DEFAULT', 'quantity', 'memory limit of a container that names none', {
        default: '256Mi',
      }),
      text('LIMIT_MEM_REQUEST', 'quantity', 'memory request of a container that names none', {
        default: '64Mi',
      }),
      text('QUOTA_CPU', 'quantity', 'CPU that the namespace may request', { default: '16' }),
      text('QUOTA_MEM', 'quantity', 'memory that the namespace may request', { default: '64Gi' }),
      text('QUOTA_PODS', 'integer', 'pods in the namespace', { default: '200' }),
      text('QUOTA_CLAIMS', 'integer', 'PersistentVolumeClaims in the namespace', { default: '100' }),
      text('QUOTA_LOAD_BALANCERS', 'integer', 'LoadBalancer Services in the namespace', { default: '5' }),
    ],
  },
  {
    title: 'Network',
    variables: [
      text('CLUSTER_NETWORK', 'name', 'pod network: flannel, or none to bring your own', {
        default: 'flannel',
        choices: ['flannel', 'none'],
      }),
      text('POD_SUBNET', 'cidr', 'addresses of pods', { default: '10.244.0.0/16' }),
      text('SERVICE_SUBNET', 'cidr', 'addresses of Services', { default: '10.96.0.0/12' }),
      text('DNS_DOMAIN', 'hostname', 'domain of Services', { default: 'cluster.local' }),
      text('K8S_ENDPOINT', 'endpoint', 'host and port under which all control planes answer', {
        example: 'kube.$DOMAIN:6443',
      }),
      text('LOAD_BALANCER_RANGES', 'addressRanges', 'addresses for Services of type LoadBalancer', {
        default: '',
        example: '192.168.1.240-192.168.1.250',
      }),
      text('K8S_INGRESS_NGINX_IP', 'ip', 'cluster address of ingress-nginx', { default: '10.101.1.2' }),
      text('NODEPORT_HTTP', 'nodePort', 'port of ingress-nginx for HTTP on each node', { default: '30080' }),
      text('NODEPORT_HTTPS', 'nodePort', 'port of ingress-nginx for HTTPS on each node', {
        default: '30443',
      }),
    ],
  },
  {
    title: 'Services that manifests refer to',
    variables: [
      text('REGISTRY_URI', 'text', 'registry of your own images', { default: 'registry.$DOMAIN' }),
      text('PULL_SECRET', 'name', 'Secret with the credentials of that registry', {
        default: 'registry-pull',
      }),
      text('CERT_MGR_EMAIL', 'email', 'address given to the certificate authority', {
        default: 'admin@$DOMAIN',
      }),
      text('DB_HOST', 'hostname', 'database server', { default: 'db00.$DOMAIN' }),
      text('NFS_HOST', 'hostname', 'NFS server of remote volumes', { default: 'nfs.$DOMAIN' }),
    ],
  },
  {
    title: 'Versions',
    variables: [
      text('VERSION_FLANNEL', 'version', 'flannel', { default: '0.28.9' }),
      text('VERSION_FLANNEL_CNI', 'version', "flannel's CNI plugin", { default: '1.9.1-flannel3' }),
      text('VERSION_METRICS_SERVER', 'version', 'metrics-server', { default: '0.9.0' }),
      text('VERSION_INGRESS_NGINX', 'version', "ingress-nginx's controller", { default: '1.15.1' }),
      text('VERSION_HEADLAMP', 'version', 'Headlamp', { default: '0.45.0' }),
      text('VERSION_LOCAL_PATH', 'version', 'local-path-provisioner', { default: '0.0.37' }),
      text('VERSION_BUSYBOX', 'version', "busybox, for local-path-provisioner's helper", {
        default: '1.37.0',
      }),
    ],
  },
]

const byName: ReadonlyMap<string, VariableDefinition> = new Map(
  variableGroups.flatMap(({ variables }) => variables).map((definition) => [definition.name, definition]),
)

/** The row of that name, if the table has it. */
export function variableDefinition(name: string): VariableDefinition | undefined {
  return byName.get(name)
}

/** Every row, in the order of the table. */
export function variableDefinitions(): Iterable<VariableDefinition> {
  return byName.values()
}

/** "set it in .env, for example DOMAIN=example.com": the hint for a variable that is not set. */
export function settingHint(name: string): string {
  return `set it in .env, for example ${name}=${exampleOf(name) ?? '…'}`
}

/** A value that the variable may have, as it stands in .env; undefined for a name that the table does not have. */
export function exampleOf(name: string): string | undefined {
  const definition = byName.get(name)
  return definition?.example ?? definition?.default
}

// The value is a credential: CLIENT_SECRET is, but a TLS_SECRET names a Secret object.
const secretName =
  /(^|_)(PASSWORD|PASSWD|PASS|PASSPHRASE|TOKEN|CREDENTIALS?|(SECRET|PRIVATE|API|ACCESS|ENCRYPTION|SIGNING)_?KEY)$|(?<!(^|_)(TLS|CA|PULL))(^|_)SECRET$/i

/** True when the value must never be printed. */
export function isSecretName(name: string): boolean {
  return byName.get(name)?.secret ?? (secretName.test(name) && name !== 'PULL_SECRET')
}

function text(
  name: string,
  format: FormatName,
  summary: string,
  rest: Pick<VariableDefinition, 'default' | 'example' | 'choices' | 'secret'>,
): VariableDefinition {
  return { name, summary, format, ...rest }
}
