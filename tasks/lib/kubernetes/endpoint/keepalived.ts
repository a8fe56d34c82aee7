import { createHash } from 'node:crypto'
import { isIP } from 'node:net'
import { firstLabel } from '../../config/nodes.ts'
import type { HeldEndpoint, Peer } from './endpoint.ts'
import { readySocket } from './haproxy.ts'

/** Where the check of keepalived is. */
export const readyProgram = '/etc/keepalived/api-server-ready'

/**
 * The check: whether HAProxy runs here and knows an API server that works. Its failure takes from this machine's
 * priority and is no fault, so that the address is held by some machine before there is any API server.
 */
export const readyProgramText = `#!/bin/sh
# Written by metaltasks.
printf 'GET / HTTP/1.0\\r\\n\\r\\n' | socat -t 2 -T 2 - UNIX-CONNECT:${readySocket} | grep -q '^HTTP.* 200 '
`

export interface KeepalivedOptions {
  endpoint: HeldEndpoint
  /** The cluster's name. */
  cluster: string
  /** All control planes. */
  peers: readonly Peer[]
  /** The network interface of this machine. */
  interface: string
}

/**
 * keepalived.conf of one control plane. All have the same priority: who comes back does not take the address again, and
 * one whose check fails loses it to any other. With nopreempt it would keep it: measured with keepalived 2.2.7.
 * Two that have the same priority may both take the address when its holder is lost, until each hears the other; who
 * asks last heard of the loser is told of the winner after a second, not after keepalived's usual five.
 */
export function keepalivedConfig(self: Peer, options: KeepalivedOptions): string {
  const { endpoint, peers } = options
  const isV6 = isIP(endpoint.host) === 6
  const others = peers.filter(({ name }) => name !== self.name)
  return `# Written by metaltasks.
global_defs {
    router_id ${firstLabel(self.name)}
    script_user root
    enable_script_security
}

vrrp_script api_server_ready {
    script "${readyProgram}"
    interval 2
    timeout 3
    fall 2
    rise 2
    weight -20
}

vrrp_instance endpoint {
    state BACKUP
    interface ${options.interface}
    virtual_router_id ${endpoint.routerId}
    priority 100
    advert_int 1
    garp_master_delay 1
${isV6 ? '' : authentication(options)}${others.length > 0 ? unicast(self, others) : ''}    virtual_ipaddress {
        ${endpoint.host}/${isV6 ? 128 : 32} dev ${options.interface}
    }
    track_script {
        api_server_ready
    }
}
`
}

// Tells clusters of one network apart. VRRP version 3, which IPv6 has, knows none.
function authentication(options: KeepalivedOptions): string {
  return `    # It travels in clear and is no secret.
    authentication {
        auth_type PASS
        auth_pass ${authPass(options)}
    }
`
}

function unicast(self: Peer, others: Peer[]): string {
  return `    unicast_src_ip ${self.address}
    unicast_peer {
${others.map(({ address }) => `        ${address}\n`).join('')}    }
`
}

// keepalived reads eight characters and no more.
function authPass({ cluster, endpoint }: Pick<KeepalivedOptions, 'cluster' | 'endpoint'>): string {
  const words = [cluster, endpoint.host, endpoint.routerId].join(' ')
  return createHash('sha256').update(words).digest('hex').slice(0, 8)
}
