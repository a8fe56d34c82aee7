import type { Report } from '../../tasks/lib/cli/plan/report.ts'
import { type Lab, openLab } from './lab.ts'
import { nodeSoftware, nodeVersions } from './node-software.ts'
import { testImage } from './node-software-parts.ts'

export interface LabClusterOptions {
  controlPlanes: string[]
  workers: string[]
  /** Hosts of an etcd outside of the control planes. */
  etcd?: string[]
  /** The versions of Kubernetes that are at hand; the first is the cluster's. */
  kubernetes?: string[]
  /** How long certificates last, as kubeadm writes it: "15m"; a year unless told. */
  lifetime?: string
  /** Lines of cluster.yaml beside the usual ones. */
  more?: string
}

/** A lab that is to become a cluster, by the product's own tasks. */
export interface LabCluster extends Lab {
  options: Required<LabClusterOptions>
  /** Runs the product's CLI and gives what it told; throws where it does not end with 0. */
  works(args: string[]): Promise<string>
  /** The same with --json: what it reports. */
  report(args: string[]): Promise<Report>
  /** kubectl as administrator on a control plane that is up: the first unless told. */
  kubectl(command: string, options?: { on?: string; input?: string }): Promise<string>
  /** The same again and again until it ends well and prints what is looked for. */
  kubectlUntil(command: string, wanted: RegExp, options?: { on?: string; seconds?: number }): Promise<string>
}

/** Bare machines with an encrypted disk on each worker, a key server, and a cluster.yaml that wants a cluster of them. */
export async function openLabCluster(options: LabClusterOptions): Promise<LabCluster> {
  const whole = { kubernetes: [nodeVersions.kubernetes], etcd: [], lifetime: '', more: '', ...options }
  const software = await nodeSoftware({ kubernetes: whole.kubernetes })
  const lab = await openLab({
    fast: true,
    machines: [
      // An API server takes 300 MB, etcd 100: the rest is the cache of a slow disk.
      ...whole.controlPlanes.map((name) => ({ name, memoryMiB: 2200 })),
      ...whole.workers.map((name) => ({ name, memoryMiB: 1500, disks: ['1G'] })),
      ...whole.etcd.map((name) => ({ name, memoryMiB: 700 })),
      { name: 'keys' },
    ],
  })
  const cluster = { ...lab, options: whole, ...commands(lab, whole) }
  await lab.writeCluster(await lab.knownHosts(), 'known_hosts')
  await lab.writeCluster(clusterYaml(cluster, software))
  await cluster.works(['secrets:key', '--name', 'tester'])
  for (const name of whole.workers) await lab.machine(name).sh('vgcreate -q vg0 /dev/ubdb; sync')
  return cluster
}

/** cluster.yaml of a lab; what its machines need otherwise than others is all in here. */
function clusterYaml(
  lab: Lab & { options: Required<LabClusterOptions> },
  software: { folder: string; digests: string; images: string },
): string {
  const { controlPlanes, workers, etcd, kubernetes, lifetime, more } = lab.options
  const volumes = '[{ name: data, vg: vg0, size: 256Mi, path: /var/lib/k8s-volumes }]'
  const node = (name: string, rest: string) =>
    `  - { name: ${name}, address: ${lab.machine(name).address}, ${rest} }`
  return `name: lab
kubernetes: { version: ${kubernetes[0]} }
nodes:
${controlPlanes.map((name) => node(name, 'roles: [control-plane]')).join('\n')}
${workers.map((name) => node(name, `roles: [worker], volumes: ${volumes}`)).join('\n')}
${etcd.map((name) => node(name, 'roles: [etcd]')).join('\n')}
ssh: { user: root, identity: ${lab.keyFile} }
keyServer: { host: keys, address: ${lab.machine('keys').address} }
software: { folder: ${software.folder}, digests: ${software.digests}, images: ${software.images}, versions: { etcd: ${nodeVersions.etcd}, age: ${nodeVersions.age} } }
# One processor without cpusets, and two of them for everything.
kubeadm:
  ignorePreflightErrors: [NumCPU, SystemVerification]
  timeouts: { ${patience.map((name) => `${name}: 12m0s`).join(', ')} }
  kubeProxyConfiguration: { mode: iptables, conntrack: { maxPerCore: 0, min: 0 } }
${controlPlanes.length === 1 ? withoutElection(lifetime) : patientElection}volumes: { pools: { small: { count: 3, size: 20Mi }, medium: { count: 1, size: 30Mi }, large: { count: 0, size: 40Mi } } }
addons: { metrics-server: false, local-path: false, ingress-nginx: false, headlamp: false }
${more}`
}

// Who is alone need not be elected, nor end because a slow disk kept it from saying that it still leads.
const withoutElection = (lifetime: string) => `  clusterConfiguration:
    ${lifetime && `certificateValidityPeriod: ${lifetime}`}
    controllerManager: { extraArgs: [{ name: leader-elect, value: "false" }${lifetime && `, { name: cluster-signing-duration, value: ${lifetime} }`}] }
    scheduler: { extraArgs: [{ name: leader-elect, value: "false" }] }
`

// Three members of etcd share two cores: who leads has seconds, and whoever leads a component minutes, to say so again.
const patientLeader =
  '{ extraArgs: [{ name: leader-elect-lease-duration, value: 40s }, { name: leader-elect-renew-deadline, value: 30s }, { name: leader-elect-retry-period, value: 5s }] }'
const patientElection = `  clusterConfiguration:
    controllerManager: ${patientLeader}
    scheduler: ${patientLeader}
    etcd: { local: { extraArgs: [{ name: heartbeat-interval, value: "500" }, { name: election-timeout, value: "5000" }] } }
`

const patience = [
  ...['controlPlaneComponentHealthCheck', 'kubeletHealthCheck', 'kubernetesAPICall'],
  ...['etcdAPICall', 'tlsBootstrap', 'discovery'],
]

function commands(lab: Lab, { controlPlanes }: Pick<LabClusterOptions, 'controlPlanes'>) {
  const kubectl: LabCluster['kubectl'] = (command, { on = controlPlanes[0]!, input } = {}) =>
    lab.machine(on).sh(`kubectl --kubeconfig /etc/kubernetes/admin.conf ${command}`, { input })
  const run = async (args: string[]) => {
    const ran = await lab.tasks(args)
    if (ran.exitCode === 0) return ran
    const said = `${ran.stdout}${ran.stderr}`.slice(-6000)
    throw new Error(`tasks ${args.join(' ')}: exit code ${ran.exitCode}\n${said}`)
  }
  return {
    kubectl,
    works: async (args: string[]) => (await run(args)).stderr,
    report: async (args: string[]) => JSON.parse((await run([...args, '--json'])).stdout) as Report,
    async kubectlUntil(
      command: string,
      wanted: RegExp,
      { on = controlPlanes[0]!, seconds = 120 }: { on?: string; seconds?: number } = {},
    ) {
      const shell = `out=$(kubectl --kubeconfig /etc/kubernetes/admin.conf ${command} 2>&1); echo "$out"; echo "$out" | grep -Eq '${wanted.source}'`
      return lab.machine(on).until(shell, seconds)
    },
  }
}

/** A pod that writes into a volume of the cluster's default class, and serves what it wrote. */
export function podWithVolume(name: string, { node }: { node?: string } = {}): string {
  return `apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: ${name} }
spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 10Mi } } }
---
apiVersion: v1
kind: Pod
metadata: { name: ${name}, labels: { app: ${name} } }
spec:
  ${node ? `nodeSelector: { kubernetes.io/hostname: ${node} }` : 'terminationGracePeriodSeconds: 1'}
  containers:
    - name: main
      image: ${testImage}
      command: [sh, -c, "echo kept by $HOSTNAME >>/data/index.html; cat /data/index.html; sync; httpd -f -p 8080 -h /data"]
      volumeMounts: [{ name: data, mountPath: /data }]
  volumes: [{ name: data, persistentVolumeClaim: { claimName: ${name} } }]
`
}

/** All nodes, as "NAME Ready" lines; asked again where a balancer is just taking another API server. */
export async function nodesReady(cluster: LabCluster): Promise<string> {
  const jsonpath =
    '{range .items[*]}{.metadata.name} {.status.conditions[?(@.type=="Ready")].status}{"\\n"}{end}'
  return cluster.kubectlUntil(`get nodes -o 'jsonpath=${jsonpath}'`, / (True|False|Unknown)$/)
}
