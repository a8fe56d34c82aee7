import { randomBytes } from 'node:crypto'
import { access, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import ipaddr from 'ipaddr.js'
import { admissionConfiguration } from '../../kubernetes/api-server/admission.ts'
import { auditPolicy } from '../../kubernetes/api-server/audit.ts'
import { encryptionConfiguration } from '../../kubernetes/api-server/encryption.ts'
import type { KeyPair } from '../../kubernetes/certificates/signing.ts'
import { versions } from '../programs/versions.ts'
import { stagesText } from '../stages/stages.ts'
import { type Certificates, createCertificates } from './certificates.ts'
import type { ComponentName } from './components.ts'
import { sandboxFiles } from './files.ts'
import { kubeconfigText } from './kubeconfig.ts'
import { type SandboxState, writeIfChanged, writeWhole } from './state.ts'

/** Writes every file that the programs read, and names the programs whose files differ from what they had. */
export async function writeFiles(directory: string, state: SandboxState): Promise<Set<ComponentName>> {
  const files = sandboxFiles(directory)
  for (const folder of ['pki', 'run', 'logs'])
    await mkdir(join(directory, folder), { recursive: true, mode: 0o700 })
  const certificates = await ensureCertificates(directory, state)
  const server = `https://127.0.0.1:${state.ports.api}`
  const access = (client: KeyPair) =>
    kubeconfigText(server, { authority: certificates.authority.certificate, client })
  await writeIfChanged(files.kubeconfig, access(certificates.admin))
  await ensureEncryption(files.encryption)
  const contents: [ComponentName, file: string, text: string][] = [
    ['kube-apiserver', files.admission, json(admissionConfiguration(versions.kubernetes))],
    ['kube-apiserver', files.audit, json(auditPolicy())],
    ['kube-apiserver', files.egress, json(noEgress(directory))],
    ['kube-controller-manager', files.controllerManager, access(certificates.controllerManager)],
    ['kube-scheduler', files.scheduler, access(certificates.scheduler)],
    ['kwok', files.kwok, access(certificates.kwok)],
    ['kwok', files.stages, stagesText(versions.kubernetes)],
  ]
  const changed = new Set<ComponentName>()
  for (const [component, file, text] of contents) if (await writeIfChanged(file, text)) changed.add(component)
  return changed
}

/** The certificates of the first start; they are written last to first, so that an interrupted start makes new ones. */
async function ensureCertificates(directory: string, state: SandboxState): Promise<Certificates> {
  const bundle = join(directory, 'pki', 'certificates.json')
  const present = await readFile(bundle, 'utf8').catch(() => undefined)
  if (present !== undefined) return JSON.parse(present) as Certificates
  const certificates = await createCertificates(firstAddress(state.serviceSubnet))
  const files = sandboxFiles(directory)
  const pairs = [
    [files.authority, certificates.authority],
    [files.apiServer, certificates.apiServer],
    [files.etcd, certificates.etcd],
  ] as const
  for (const [file, pair] of pairs) {
    await writeWhole(file.certificate, pair.certificate)
    await writeWhole(file.key, pair.key)
  }
  await writeWhole(files.serviceAccount.publicKey, certificates.serviceAccount.publicKey)
  await writeWhole(files.serviceAccount.privateKey, certificates.serviceAccount.privateKey)
  await writeWhole(bundle, json(certificates))
  return certificates
}

/** The address of the Service "kubernetes": the first of the range, of which a dual-stack range has two. */
function firstAddress(serviceSubnet: string): string {
  const [address] = ipaddr.parseCIDR(serviceSubnet.split(',')[0]!)
  const bytes = address.toByteArray()
  bytes[bytes.length - 1]! += 1
  return ipaddr.fromByteArray(bytes).toString()
}

/** The key stays what it was: Secrets that etcd holds could not be read with another. */
async function ensureEncryption(file: string): Promise<void> {
  const isThere = await access(file).then(
    () => true,
    () => false,
  )
  if (isThere) return
  const key = { name: 'sandbox', secret: randomBytes(32).toString('base64') }
  await writeWhole(file, json(encryptionConfiguration([key])))
}

/**
 * Everything that the API server would dial on its own account goes to a socket that nobody listens on: kubelets,
 * webhooks, aggregated APIs. Addresses in a rehearsal are those of real machines, and those stay untouched.
 */
function noEgress(directory: string) {
  const connection = {
    proxyProtocol: 'HTTPConnect',
    transport: { uds: { udsName: join(directory, 'nothing.sock') } },
  }
  return {
    apiVersion: 'apiserver.k8s.io/v1beta1',
    kind: 'EgressSelectorConfiguration',
    egressSelections: [
      { name: 'cluster', connection },
      { name: 'controlplane', connection },
    ],
  }
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
