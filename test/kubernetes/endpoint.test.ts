import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { Endpoint } from '../../tasks/lib/config/kubeadm-model.ts'
import { type HeldEndpoint, heldEndpoint } from '../../tasks/lib/kubernetes/endpoint/endpoint.ts'
import { keepalivedConfig } from '../../tasks/lib/kubernetes/endpoint/keepalived.ts'
import { kubeVipPod } from '../../tasks/lib/kubernetes/endpoint/kube-vip.ts'

const peers = [1, 2, 3].map((number) => ({ name: `kube${number}.example.com`, address: `127.9.0.${number}` }))
const endpoint: HeldEndpoint = { host: '127.9.0.10', port: 8443, provider: 'keepalived', routerId: 51 }
const options = { endpoint, cluster: 'home', peers, interface: 'lo' }

describe('E01', () => {
  test('E01 passwords have 8 characters, and are others in another cluster', () => {
    const password = (text: string) => /auth_pass (\S+)/.exec(text)![1]!
    const own = password(keepalivedConfig(peers[0]!, options))
    expect(own).toHaveLength(8)
    expect(password(keepalivedConfig(peers[1]!, options))).toBe(own)
    expect(password(keepalivedConfig(peers[0]!, { ...options, cluster: 'work' }))).not.toBe(own)
  })

  test('E01 each control plane has a router id of its own, and names the others', () => {
    const texts = peers.map((peer) => keepalivedConfig(peer, options))
    expect(texts.map((text) => /router_id (kube\d)/.exec(text)![1])).toEqual(['kube1', 'kube2', 'kube3'])
    expect(texts.map((text) => /unicast_peer \{([^}]*)\}/.exec(text)![1]!.trim().split(/\s+/))).toEqual([
      ['127.9.0.2', '127.9.0.3'],
      ['127.9.0.1', '127.9.0.3'],
      ['127.9.0.1', '127.9.0.2'],
    ])
  })

  test.each([
    [{ provider: 'keepalived', port: 6443 }, 'has the port of the API servers on the same machines'],
    [{ provider: 'kube-vip', port: 8443 }, 'has a port at which no API server listens'],
    [{ provider: 'keepalived', host: 'kube.example.com' }, 'is a name: keepalived needs the address itself'],
  ] as [Partial<Endpoint>, string][])(
    'E01 an endpoint that cannot be held is refused: %o',
    (wrong, message) => {
      expect(() => heldEndpoint({ endpoint: { ...endpoint, ...wrong } })).toThrow(message)
    },
  )

  test('nothing holds an endpoint that is somebody else’s', () => {
    expect(heldEndpoint({ endpoint: { ...endpoint, provider: 'external' } })).toBeUndefined()
    expect(heldEndpoint({})).toBeUndefined()
  })
})

describe('E03 kube-vip', () => {
  const held: HeldEndpoint = { ...endpoint, port: 6443, provider: 'kube-vip' }

  test('E03 logs in with the file that it is given, at the place where it looks', () => {
    const pod = parse(kubeVipPod(held, { kubeconfig: '/etc/kubernetes/super-admin.conf' }))
    expect(pod.spec.volumes).toEqual([
      { name: 'kubeconfig', hostPath: { path: '/etc/kubernetes/super-admin.conf', type: 'File' } },
    ])
    expect(pod.spec.containers[0].volumeMounts[0].mountPath).toBe('/etc/kubernetes/admin.conf')
    expect(pod.spec.hostAliases).toEqual([{ ip: '127.0.0.1', hostnames: ['kubernetes'] }])
  })

  test('has no more rights than the address takes, and the version that is asked for', () => {
    const pod = parse(kubeVipPod(held, { kubeconfig: '/etc/kubernetes/admin.conf', version: '1.3.0' }))
    const [container] = pod.spec.containers
    expect(container.image).toBe('ghcr.io/kube-vip/kube-vip:v1.3.0')
    expect(container.securityContext.capabilities).toEqual({ drop: ['ALL'], add: ['NET_ADMIN', 'NET_RAW'] })
    const values = Object.fromEntries(
      container.env.map(({ name, value }: { name: string; value: string }) => [name, value]),
    )
    expect(values).toMatchObject({
      address: '127.9.0.10',
      port: '6443',
      vip_arp: 'true',
      vip_subnet: '32',
      cp_enable: 'true',
    })
    expect(values).not.toHaveProperty('vip_interface')
  })
})
