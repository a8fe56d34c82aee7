import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generateCertificate } from './certificate.ts'
import type { RelocatedMachine } from './relocated-machine.ts'

/** What kubeadm leaves of a control plane, as far as a survey and a join look at it. */
export function makeControlPlane({ root }: Pick<RelocatedMachine, 'root'>): void {
  const folder = join(root, 'etc/kubernetes')
  mkdirSync(join(folder, 'manifests'), { recursive: true })
  mkdirSync(join(folder, 'pki'))
  generateCertificate(join(folder, 'pki'), 'ca')
  for (const file of ['admin.conf', 'kubelet.conf', 'manifests/kube-apiserver.yaml'])
    writeFileSync(join(folder, file), 'made\n')
}
