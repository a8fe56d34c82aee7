import type { KeyPair } from '../../kubernetes/certificates/signing.ts'

/** The context that a sandbox's kubeconfig offers. */
export const sandboxContext = 'sandbox'

/** A kubeconfig with one cluster, one user with a client certificate, and one context; JSON, which is YAML. */
export function kubeconfigText(server: string, options: { authority: string; client: KeyPair }): string {
  const user = {
    'client-certificate-data': base64(options.client.certificate),
    'client-key-data': base64(options.client.key),
  }
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': sandboxContext,
    clusters: [
      { name: sandboxContext, cluster: { server, 'certificate-authority-data': base64(options.authority) } },
    ],
    users: [{ name: sandboxContext, user }],
    contexts: [{ name: sandboxContext, context: { cluster: sandboxContext, user: sandboxContext } }],
  }
  return `${JSON.stringify(config, null, 2)}\n`
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
