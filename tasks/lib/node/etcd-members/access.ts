import { quote } from '../../cli/process/quote.ts'
import type { Machine } from '../machine.ts'

/** A way to etcd: etcdctl on a machine, and a member that it asks first. */
export interface EtcdAccess {
  machine: Machine
  /** "https://127.0.0.1:2379" */
  endpoint: string
  /** Paths on the machine; none where etcd speaks plain HTTP. */
  files?: ClientFiles
}

export interface ClientFiles {
  ca: string
  cert: string
  key: string
}

/** What kubeadm makes on each control plane with a member of its own. */
export const stackedFiles: ClientFiles = {
  ca: '/etc/kubernetes/pki/etcd/ca.crt',
  cert: '/etc/kubernetes/pki/etcd/healthcheck-client.crt',
  key: '/etc/kubernetes/pki/etcd/healthcheck-client.key',
}

/** What a control plane has for etcd on hosts of its own. */
export const externalFiles: ClientFiles = {
  ca: '/etc/kubernetes/pki/etcd-external/ca.crt',
  cert: '/etc/kubernetes/pki/etcd-external/client.crt',
  key: '/etc/kubernetes/pki/etcd-external/client.key',
}

/** An etcdctl command line, up to the words of its command; it asks the endpoint of the access unless others are given. */
export function etcdctl(
  { endpoint, files }: Pick<EtcdAccess, 'endpoint' | 'files'>,
  { endpoints = [endpoint], seconds = 5 }: { endpoints?: readonly string[]; seconds?: number } = {},
): string {
  return `${etcdctlLogin({ files }, seconds)} --endpoints=${quote(endpoints.join(','))}`
}

/** The same without endpoints. */
export function etcdctlLogin({ files }: Pick<EtcdAccess, 'files'>, seconds: number): string {
  const words = files ? [`--cacert=${files.ca}`, `--cert=${files.cert}`, `--key=${files.key}`] : []
  return ['etcdctl', `--command-timeout=${seconds}s`, ...words.map(quote)].join(' ')
}
