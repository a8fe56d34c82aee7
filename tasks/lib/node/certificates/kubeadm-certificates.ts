import { X509Certificate } from 'node:crypto'
import { TaskError } from '../../cli/errors.ts'
import { kubernetesFolder, pkiFolder } from '../kubeadm/paths.ts'

/** A static pod of kubeadm's. */
export type Component = 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler'

/** In the order in which they are started anew: what others need comes first. */
export const components: readonly Component[] = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
]

const clients = ['apiserver-kubelet-client', 'apiserver-etcd-client', 'front-proxy-client']

/** Files with certificates that `kubeadm certs renew` gives anew, and the program that reads each when it starts. */
export const renewedFiles: readonly { file: string; reader?: Component }[] = [
  ...['server', 'peer'].map((name) => ({ file: `${pkiFolder}/etcd/${name}.crt`, reader: 'etcd' as const })),
  { file: `${pkiFolder}/etcd/healthcheck-client.crt` },
  ...['apiserver', ...clients].map((name) => ({
    file: `${pkiFolder}/${name}.crt`,
    reader: 'kube-apiserver' as const,
  })),
  { file: `${kubernetesFolder}/controller-manager.conf`, reader: 'kube-controller-manager' },
  { file: `${kubernetesFolder}/scheduler.conf`, reader: 'kube-scheduler' },
  { file: `${kubernetesFolder}/admin.conf` },
  { file: `${kubernetesFolder}/super-admin.conf` },
]

/** Shell that prints for how many seconds a program has run; nothing where it does not. Names of processes end after 15 characters. */
export function ageOf(component: Component): string {
  return `ps -o etimes= -C ${component.slice(0, 15)} | sort -n | tail -n 1`
}

/** Until when the certificate of a file is good, by its PEM as base64; a TaskError where it cannot be read. */
export function expiryOf(file: string, encoded: string): Date {
  try {
    return new Date(new X509Certificate(Buffer.from(encoded, 'base64')).validTo)
  } catch (cause) {
    const hint = 'look at it: kubeadm certs check-expiration'
    throw new TaskError(`${file} cannot be read as a certificate`, { hint, cause })
  }
}
