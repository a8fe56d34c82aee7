import type { Finding } from '../../cli/errors.ts'
import { kubeconfigError, type Pem, pemOf, type Reading, text } from './kubeconfig-entry.ts'
import type { Entry, KubeconfigFiles } from './kubeconfig-files.ts'

/** Where a server is and how it is trusted. */
export interface ClusterAccess {
  server: URL
  authority?: Pem
  /** insecure-skip-tls-verify */
  isUnverified: boolean
  tlsServerName?: string
  proxyUrl?: string
  /** Warnings for the reader. */
  findings: Finding[]
}

/** What a cluster entry says. */
export function clusterAccess({ fields, folder }: Entry, { config, usedBy }: Reading): ClusterAccess {
  const server = serverUrl(text(fields, 'server') ?? '', { config, usedBy })
  const isUnverified = fields['insecure-skip-tls-verify'] === true
  const authority = pemOf(fields, { field: 'certificate-authority', folder, config, usedBy })
  if (isUnverified && authority) {
    throw kubeconfigError(
      config,
      `gives ${usedBy} both a certificate authority and insecure-skip-tls-verify`,
      { hint: 'remove insecure-skip-tls-verify' },
    )
  }
  return {
    server,
    authority,
    isUnverified,
    tlsServerName: text(fields, 'tls-server-name'),
    proxyUrl: text(fields, 'proxy-url'),
    findings: isUnverified ? [unverified(server, config)] : [],
  }
}

function serverUrl(value: string, { config, usedBy }: Reading): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (url && ['https:', 'http:'].includes(url.protocol)) return url
  throw kubeconfigError(
    config,
    `has no server address for ${usedBy}: ${value === '' ? 'server is empty' : `"${value}" is not a URL`}`,
    { hint: 'write it as server: https://HOST:6443' },
  )
}

function unverified(server: URL, { files }: KubeconfigFiles): Finding {
  return {
    severity: 'warning',
    message: `the certificate of ${server.origin} is not checked: anyone between here and there can read and change all of it`,
    hint: `set certificate-authority-data in ${files} in place of insecure-skip-tls-verify`,
    file: files,
  }
}
