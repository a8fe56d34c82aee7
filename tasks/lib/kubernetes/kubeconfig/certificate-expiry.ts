import { readPem } from '../../api/http/credentials.ts'
import { loadKubeconfig } from '../../api/kubeconfig/kubeconfig.ts'
import type { KubeconfigText } from '../../api/kubeconfig/kubeconfig-files.ts'
import { readCertificate } from './held-certificate.ts'

/** When the client certificate of a context ends, the current context unless named; undefined where it has none. */
export async function certificateExpiry(
  kubeconfig: string | KubeconfigText,
  { context }: { context?: string } = {},
): Promise<Date | undefined> {
  const pem = await readPem(loadKubeconfig(kubeconfig, { context }).login.certificate)
  return pem === undefined ? undefined : readCertificate(pem)?.until
}
