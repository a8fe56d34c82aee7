import { isIP } from 'node:net'
import { apiPort, hostPort } from '../kubeadm/topology.ts'
import type { HeldEndpoint, Peer } from './endpoint.ts'

/** The socket at which HAProxy tells whether it knows an API server that works. */
export const readySocket = '/run/haproxy/ready.sock'

/**
 * haproxy.cfg: connections to the endpoint's port go to an API server that says it is ready. TLS is between client and
 * API server. An API server that shuts down is not ready before it ends, and is left in time.
 */
export function haproxyConfig(
  { host, port }: Pick<HeldEndpoint, 'host' | 'port'>,
  peers: readonly Peer[],
): string {
  const anywhere = isIP(host) === 6 ? '[::]' : '*'
  return `# Written by metaltasks.
global
    log stdout format raw local0 notice
    user haproxy
    group haproxy

defaults
    mode tcp
    log global
    option dontlog-normal
    timeout connect 5s
    timeout check 5s
    # Watches may be silent for long; what is dead is found by keep-alive.
    timeout client 1h
    timeout server 1h
    option clitcpka
    option srvtcpka

frontend kube-apiserver
    bind ${anywhere}:${port}
    default_backend control-planes

backend control-planes
    balance leastconn
    option httpchk
    http-check connect ssl
    http-check send meth GET uri /readyz
    http-check expect status 200
    # Only their state is asked for here: clients check the certificate.
    default-server check verify none inter 3s fall 3 rise 2 on-marked-down shutdown-sessions
${peers.map((peer) => `    server ${peer.name} ${hostPort(peer.address, apiPort)}\n`).join('')}
# Asked by keepalived.
frontend ready
    mode http
    option dontlog-normal
    timeout http-request 5s
    bind unix@${readySocket} user root mode 600
    monitor-uri /
    monitor fail if { nbsrv(control-planes) lt 1 }
`
}
