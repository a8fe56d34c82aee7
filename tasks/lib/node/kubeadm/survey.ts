import { createHash, X509Certificate } from 'node:crypto'
import { type Finding, TaskError } from '../../cli/errors.ts'
import type { Cluster } from '../../config/model.ts'
import { UnreachableError } from '../errors.ts'
import type { Machine } from '../machine.ts'
import { takeTurns } from '../plan/turns.ts'
import type { Machines } from '../ssh/machines.ts'
import type { Beginning, KnownCertificate, KubernetesState, KubernetesSurvey } from './kubernetes-state.ts'
import { kubeletClientCertificate } from './paths.ts'
import { type Asked, surveyScript } from './survey-script.ts'

/** Asks the machines of all nodes what Kubernetes is on them. */
export function surveyCluster(
  { nodes, ssh }: Pick<Cluster, 'nodes' | 'ssh'>,
  { machines, ...asked }: Asked & { machines: Pick<Machines, 'of'>; signal: AbortSignal },
): Promise<KubernetesSurvey> {
  return surveyKubernetes(nodes.map(machines.of), { parallel: ssh.parallel, ...asked })
}

/**
 * Asks every machine what Kubernetes is on it, one round trip each. A machine that cannot be reached is told as such;
 * one whose answer is not whole or not understood is a TaskError, as nothing may be concluded from it.
 */
export async function surveyKubernetes(
  machines: readonly Machine[],
  { parallel, signal, ...asked }: Asked & { parallel: number; signal: AbortSignal },
): Promise<KubernetesSurvey> {
  const turns = takeTurns(parallel)
  const states = new Map<string, KubernetesState>()
  const unreachable = new Map<string, Finding>()
  await Promise.all(
    machines.map((machine) =>
      turns(async () => {
        try {
          states.set(machine.name, await stateOf(machine, { signal, ...asked }))
        } catch (error) {
          signal.throwIfAborted()
          if (!(error instanceof UnreachableError)) throw error
          unreachable.set(machine.name, error.findings[0]!)
        }
      }),
    ),
  )
  return { states, unreachable }
}

/** What one machine says. */
export async function stateOf(
  machine: Machine,
  { signal, ...asked }: Asked & { signal: AbortSignal },
): Promise<KubernetesState> {
  const options = { title: 'look what Kubernetes is there', signal, timeoutSeconds: 60 }
  const { stdout } = await machine.run(surveyScript(asked), options)
  try {
    return readState(stdout)
  } catch (error) {
    throw new TaskError(`${machine.name}: ${(error as Error).message}`, {
      hint: 'look at it on the machine; nothing is changed before it can be read',
      cause: error,
    })
  }
}

/** Reads what the script printed; throws where that is not all of it. */
export function readState(stdout: string): KubernetesState {
  const lines = stdout.split('\n').filter(Boolean)
  if (lines.at(-1) !== 'whole') throw new Error('the state of its Kubernetes was cut off')
  const pairs = lines
    .filter((line) => line.includes('\t'))
    .map((line) => line.split('\t') as [string, string])
  const all = (key: string) => pairs.filter(([name]) => name === key).map(([, value]) => value)
  const one = (key: string) => all(key)[0]
  const begun = beginningOf(one('begun'))
  const traces = all('trace')
  const isSetUp = (file: string) => traces.includes(file) && begun === undefined
  const isMember = isSetUp('/etc/kubernetes/kubelet.conf')
  const routes = all('route').join('\n')
  const certificates = all('certificate').flatMap(certificateIn)
  const ca = one('kubelet-ca') ?? one('ca')
  return {
    isMember,
    isControlPlane: isSetUp('/etc/kubernetes/manifests/kube-apiserver.yaml'),
    ...(begun && { begun }),
    ...(ca && { caHash: publicKeyHash(Buffer.from(ca, 'base64')) }),
    nodeName: nodeNameIn(certificates),
    server: one('server'),
    versions: {
      kubelet: versionIn(one('kubelet')),
      kubeadm: versionIn(one('kubeadm')),
      containerd: versionIn(one('containerd')),
      apiServer: versionIn(tagOf(one('kube-apiserver-image'))),
      etcd: versionIn(tagOf(one('etcd-image')) ?? one('etcd')),
    },
    network: networkOf(one),
    cniFiles: all('cni'),
    hasEtcdData: one('etcd-data') === 'yes',
    leftOvers: isMember || begun ? [] : traces,
    certificates: certificates.map(knownCertificate),
    files: Object.fromEntries(all('file').map((line) => [line.slice(65), line.slice(0, 64)])),
    isKubeletActive: one('kubelet-active') === 'yes',
    address: / src (\S+)/.exec(routes)?.[1],
    interface: / dev (\S+)/.exec(routes)?.[1],
    isRestored: one('restored') === 'yes',
    roster: all('roster'),
  }
}

/** The hash by which kubeadm pins a certificate authority: SHA-256 of its public key as DER. */
export function publicKeyHash(pem: string | Uint8Array): string {
  const der = new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' })
  return `sha256:${createHash('sha256').update(der).digest('hex')}`
}

const beginnings: readonly string[] = ['init', 'join', 'join-control-plane'] satisfies Beginning[]

function beginningOf(text: string | undefined): Beginning | undefined {
  const word = text?.trim().split(/\s/)[0]
  if (word === undefined || beginnings.includes(word)) return word as Beginning | undefined
  throw new Error(`its record of what was begun says "${word}", which is none of ${beginnings.join(', ')}`)
}

interface FoundCertificate {
  file: string
  certificate: X509Certificate
}

// A kubeconfig without a certificate of its own gives an empty one: that of the kubelet names a file.
function certificateIn(line: string): FoundCertificate[] {
  const [file, base64] = line.split(' ') as [string, string | undefined]
  return base64 ? [{ file, certificate: new X509Certificate(Buffer.from(base64, 'base64')) }] : []
}

function nodeNameIn(certificates: readonly FoundCertificate[]): string | undefined {
  const own = certificates.find(({ file }) => file === kubeletClientCertificate)
  return own && /^CN=system:node:(.+)$/m.exec(own.certificate.subject)?.[1]
}

function knownCertificate({ file, certificate }: FoundCertificate): KnownCertificate {
  const { validTo, subjectAltName = '' } = certificate
  const names = [...subjectAltName.matchAll(/(?:DNS|IP Address):([^,]+)/g)].map(([, name]) => name!)
  return { file, expires: new Date(validTo), ...(names.length > 0 && { names }) }
}

function networkOf(one: (key: string) => string | undefined): KubernetesState['network'] {
  const words = ['podSubnet', 'serviceSubnet', 'dnsDomain'] as const
  return Object.fromEntries(words.flatMap((word) => (one(word) ? [[word, one(word)]] : [])))
}

function tagOf(image: string | undefined): string | undefined {
  return image?.replace(/@.*/, '').split(':').at(-1)
}

function versionIn(text: string | undefined): string | undefined {
  return /\bv?(\d+\.\d+\.\d+(?:-(?:alpha|beta|rc)\.\d+)?)/.exec(text ?? '')?.[1]
}
