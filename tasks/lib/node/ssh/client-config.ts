import type { SshHost } from './hosts.ts'

export interface ClientConfigOptions {
  /** Absolute path of a file with the pinned keys, the only one that counts. */
  knownHosts: string
  /** Absolute path of the private key to show, beside those that the operator's own files name. */
  identity?: string
  /** Where a host's shared connection listens. */
  controlPath(host: Pick<SshHost, 'name'>): string
  /** The operator's own files, for what is not set here. */
  include: string[]
}

/** An ssh_config (see man 5 ssh_config) for these hosts. ssh takes the first value it finds, so ours come first. */
export function clientConfig(hosts: SshHost[], options: ClientConfigOptions): string {
  const blocks = hosts.map((host) => hostLines(host, options))
  const include = options.include.map((file) => `Include ${quoted(file)}`)
  return `${[...blocks.flat(), ...strictLines(options), ...include].join('\n')}\n`
}

function hostLines({ name, address, user, port, via }: SshHost, own: ClientConfigOptions): string[] {
  const control = own.controlPath({ name })
  return [
    `Host ${name}`,
    // Pinned by name: an address may change, a key may not.
    `HostKeyAlias ${name}`,
    ...(address ? [`HostName ${address}`] : []),
    ...(user ? [`User ${user}`] : []),
    ...(port ? [`Port ${port}`] : []),
    ...(via ? [`ProxyJump ${via.includes(':') ? `[${via}]` : via}`] : []),
    `ControlPath ${path(control)}`,
  ]
}

// ProxyJump hands nothing of a command line on: all that keeps a connection safe stands in the file.
function strictLines({ knownHosts, identity }: ClientConfigOptions): string[] {
  return [
    'Host *',
    'BatchMode yes',
    'StrictHostKeyChecking yes',
    `UserKnownHostsFile ${path(knownHosts)}`,
    'GlobalKnownHostsFile /dev/null',
    'KnownHostsCommand none',
    'UpdateHostKeys no',
    'VerifyHostKeyDNS no',
    'CheckHostIP no',
    'NoHostAuthenticationForLocalhost no',
    'CanonicalizeHostname no',
    ...(identity ? [`IdentityFile ${path(identity)}`, 'IdentitiesOnly yes'] : []),
    'ConnectTimeout 5',
    'ConnectionAttempts 1',
    'ServerAliveInterval 5',
    'ServerAliveCountMax 3',
    'TCPKeepAlive yes',
    'ControlMaster no',
    'ForwardAgent no',
    'ForwardX11 no',
    'ClearAllForwardings yes',
    'PermitLocalCommand no',
    'RemoteCommand none',
    'SessionType default',
    'StdinNull no',
    'ForkAfterAuthentication no',
    'RequestTTY no',
    'Tunnel no',
    'LogLevel ERROR',
  ]
}

function path(text: string): string {
  return quoted(text.replaceAll('%', '%%'))
}

function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`
}
