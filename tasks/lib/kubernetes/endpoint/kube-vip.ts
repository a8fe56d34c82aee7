import { isIP } from 'node:net'
import { stringify } from 'yaml'
import type { HeldEndpoint } from './endpoint.ts'

/** The version that is used where cluster.yaml names none. */
const kubeVipVersion = '1.2.3'

/** The container image; side-loaded with the others where nodes reach no registry. */
function kubeVipImage(version = kubeVipVersion): string {
  return `ghcr.io/kube-vip/kube-vip:v${version}`
}

/**
 * The static pod that holds the endpoint's address on one control plane at a time. It finds its own API server as
 * "kubernetes", a name in that server's certificate. `kubeconfig` is the file on the machine that it logs in with:
 * while the first control plane is set up that of the super-admin, as nobody else may do anything yet.
 */
export function kubeVipPod(
  { host, port, interface: device }: HeldEndpoint,
  { kubeconfig, version }: { kubeconfig: string; version?: string },
): string {
  const environment = {
    address: host,
    port: String(port),
    vip_arp: 'true',
    ...(device && { vip_interface: device }),
    vip_subnet: isIP(host) === 6 ? '128' : '32',
    cp_enable: 'true',
    cp_namespace: 'kube-system',
    svc_enable: 'false',
    vip_leaderelection: 'true',
    vip_leasename: 'plndr-cp-lock',
    vip_leaseduration: '5',
    vip_renewdeadline: '3',
    vip_retryperiod: '1',
    prometheus_server: '127.0.0.1:2112',
  }
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'kube-vip', namespace: 'kube-system', labels: { component: 'kube-vip' } },
    spec: {
      hostNetwork: true,
      priorityClassName: 'system-node-critical',
      hostAliases: [{ ip: '127.0.0.1', hostnames: ['kubernetes'] }],
      containers: [
        {
          name: 'kube-vip',
          image: kubeVipImage(version),
          imagePullPolicy: 'IfNotPresent',
          args: ['manager'],
          env: [
            { name: 'vip_nodename', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
            ...Object.entries(environment).map(([name, value]) => ({ name, value })),
          ],
          resources: { requests: { cpu: '10m', memory: '32Mi' } },
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'], add: ['NET_ADMIN', 'NET_RAW'] },
            seccompProfile: { type: 'RuntimeDefault' },
          },
          volumeMounts: [{ name: 'kubeconfig', mountPath: '/etc/kubernetes/admin.conf', readOnly: true }],
        },
      ],
      volumes: [{ name: 'kubeconfig', hostPath: { path: kubeconfig, type: 'File' } }],
    },
  }
  return `# Written by metaltasks.\n${stringify(pod, { lineWidth: 0 })}`
}
