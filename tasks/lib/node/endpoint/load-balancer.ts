import type { Resource } from '../resource.ts'
import { file } from '../system/file.ts'
import { packages } from '../system/packages.ts'
import { unit } from '../system/unit.ts'

/** Texts of the files on one control plane. */
export interface LoadBalancerFiles {
  haproxy: string
  keepalived: string
  /** keepalived's check, and where keepalived looks for it. */
  ready: { path: string; content: string }
}

/**
 * HAProxy before the API servers and keepalived, which holds their address, by the packages of the distribution. Files
 * are accepted by their programs before they count; programs that run read them again and are not restarted.
 */
export function loadBalancer({ haproxy, keepalived, ready }: LoadBalancerFiles): Resource[] {
  const balancer = { path: '/etc/haproxy/haproxy.cfg', content: haproxy }
  const holder = { path: '/etc/keepalived/keepalived.conf', content: keepalived }
  const running = { enabled: true, active: true, onChange: 'reload', settleSeconds: 10 } as const
  return [
    packages(['haproxy', 'keepalived', 'socat']),
    file({ ...balancer, check: (path) => `haproxy -c -q -f ${path}` }),
    unit({ ...running, name: 'haproxy.service', files: [balancer] }),
    file({ ...ready, mode: '0755' }),
    file({ ...holder, check: (path) => `keepalived -t -f ${path}` }),
    unit({ ...running, name: 'keepalived.service', files: [holder] }),
  ]
}
