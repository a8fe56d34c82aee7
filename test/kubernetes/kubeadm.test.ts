import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import type { Cluster, ClusterNode, Config } from '../../tasks/lib/config/model.ts'
import { yamlText } from '../../tasks/lib/kubernetes/kubeadm/documents.ts'
import {
  initConfiguration,
  joinConfiguration,
  loanConfiguration,
} from '../../tasks/lib/kubernetes/kubeadm/node-configuration.ts'
import { upgradeConfiguration } from '../../tasks/lib/kubernetes/kubeadm/upgrade-configuration.ts'
import { pauseImage } from '../../tasks/lib/node/software/versions.ts'
import { temporaryFolder } from '../support/cli.ts'
import { testConfig } from '../support/config.ts'
import { nodeProgram } from '../support/node-software-programs.ts'

const ticket = { token: 'abcdef.0123456789abcdef', caHash: `sha256:${'0'.repeat(64)}` }
const lent = { ...ticket, certificateKey: '0'.repeat(64) }

function node(name: string, last: number, roles: ClusterNode['roles']): ClusterNode {
  return { name, address: `10.0.0.${last}`, roles, labels: {}, taints: [], volumes: [] }
}

const cp1 = node('cp1', 11, ['control-plane'])
const w1 = node('w1', 21, ['worker'])
const three = [cp1, node('cp2', 12, ['control-plane']), node('cp3', 13, ['control-plane']), w1]
const endpoint = { host: 'api.example.com', port: 8443, provider: 'keepalived' as const, routerId: 51 }

const supported: Record<string, Partial<Cluster>> = {
  'one control plane': { nodes: [cp1, w1] },
  'one control plane that runs pods': { nodes: [node('cp1', 11, ['control-plane', 'worker'])] },
  'three control planes': { nodes: three, endpoint },
  'etcd on other hosts': {
    nodes: [...three, ...[31, 32, 33].map((last) => node(`e${last}`, last, ['etcd']))],
    endpoint,
  },
  'a login with OIDC': {
    nodes: [cp1],
    oidc: {
      issuer: 'https://login.example.com',
      clientId: 'kubernetes',
      usernameClaim: 'email',
      usernamePrefix: 'oidc:',
      groupsClaim: 'groups',
      groupsPrefix: 'oidc:',
      ca: '/project/issuer.crt',
    },
  },
  'IPv6 and IPv4': {
    nodes: [{ ...cp1, address: 'fd00::11' }],
    network: {
      provider: 'calico',
      podSubnet: 'fd00:244::/56,10.244.0.0/16',
      serviceSubnet: 'fd00:96::/112,10.96.0.0/12',
      dnsDomain: 'cluster.local',
    },
  },
  'names without addresses': { nodes: [{ ...cp1, name: 'cp1.example.com', address: undefined }] },
  'settings of its own': {
    nodes: [cp1, { ...w1, taints: [{ key: 'gpu', value: 'yes', effect: 'NoExecute' }] }],
    kubelet: { evictionHard: { 'imagefs.available': '5%' }, maxPods: 250 },
    software: { source: 'download', versions: { etcd: '3.6.14' } },
    kubeadm: {
      certSANs: ['api.example.org'],
      ignorePreflightErrors: ['NumCPU'],
      timeouts: { kubernetesAPICall: '2m0s', tlsBootstrap: '8m0s' },
      clusterConfiguration: {
        imageRepository: 'registry.example.com/kubernetes',
        apiServer: {
          extraArgs: [
            { name: 'audit-log-maxage', value: '90' },
            { name: 'event-ttl', value: '2h' },
          ],
        },
      },
      kubeProxyConfiguration: { mode: 'iptables', conntrack: { maxPerCore: 0 } },
    },
  },
}
const cases = Object.entries(supported)

/** All that kubeadm is told about a cluster, by what it is told it for. */
function texts(config: Config): Record<string, string> {
  const [first, ...others] = config.cluster.nodes
  const worker = others.find(({ roles }) => roles.includes('worker')) ?? first!
  return {
    init: yamlText(initConfiguration(config, first!)),
    loan: yamlText(loanConfiguration(config, lent)),
    'join-control-plane': yamlText(joinConfiguration(config, { node: others[0] ?? first!, ticket: lent })),
    join: yamlText(joinConfiguration(config, { node: worker, ticket })),
    upgrade: yamlText(upgradeConfiguration(config, { version: '1.36.4' })),
  }
}

test.each(cases)('what kubeadm is told of %s', async (name, cluster) => {
  const all = Object.entries(texts(testConfig('/project', cluster)))
  const text = all.map(([what, yaml]) => `# kubeadm ${what}\n${yaml}`).join('---\n')
  await expect(text).toMatchFileSnapshot(join('../fixtures/kubeadm', `${name.replaceAll(' ', '-')}.yaml`))
})

describe('D01 every configuration', () => {
  let kubeadm: string
  beforeAll(async () => {
    kubeadm = await nodeProgram('kubernetes', { goPackage: 'k8s.io/kubernetes/cmd/kubeadm' })
  }, 1_200_000)

  test.each(cases)('kubeadm takes what it is told of %s', (_name, cluster) => {
    const files = texts(testConfig('/project', cluster))
    const folder = temporaryFolder(files)
    for (const name of Object.keys(files)) {
      const said = execFileSync(kubeadm, ['config', 'validate', '--config', join(folder, name)], {
        stdio: 'pipe',
      })
      expect(String(said)).toBe('ok\n')
    }
  })

  test.each(cases)(
    'of %s, every file that a flag of the API server names is in a volume of it',
    (_name, cluster) => {
      const { init } = texts(testConfig('/project', cluster))
      const documents = parseAllDocuments(init!).map((document) => document.toJS())
      const { apiServer } = documents.find(({ kind }) => kind === 'ClusterConfiguration')
      const mounts: string[] = apiServer.extraVolumes.map(({ mountPath }: { mountPath: string }) => mountPath)
      const paths = apiServer.extraArgs
        .map(({ value }: { value: string }) => value)
        .filter((value: string) => value.startsWith('/'))
      // kubeadm mounts its own certificates by itself.
      const covered = [...mounts, '/etc/kubernetes/pki'].map((path) => `${path}/`)
      expect(paths.length).toBeGreaterThan(4)
      expect(paths.filter((path: string) => !covered.some((mount) => path.startsWith(mount)))).toEqual([])
    },
  )

  test('the pause image of containerd is the one that kubeadm wants', () => {
    const config = testConfig('/project', { nodes: [cp1] })
    const folder = temporaryFolder(texts(config))
    const words = ['config', 'images', 'list', '--config', join(folder, 'init')]
    const images = String(execFileSync(kubeadm, words, { stdio: 'pipe' })).split('\n')
    expect(images).toContain(pauseImage(config.cluster))
  })
})

test('a kubelet that signs its own certificate is not asked for one of the cluster', () => {
  const { init } = texts(testConfig('/project', { nodes: [cp1], kubelet: { serverTLSBootstrap: false } }))
  expect(init).not.toContain('kubelet-certificate-authority')
  expect(init).toContain('serverTLSBootstrap: false')
})

test('all four thresholds of eviction stay where one of them is set', () => {
  const { init } = texts(testConfig('/project', supported['settings of its own']))
  const kubelet = parseAllDocuments(init!)
    .map((one) => one.toJS())
    .find(({ kind }) => kind === 'KubeletConfiguration')
  expect(kubelet.evictionHard).toEqual({
    'imagefs.available': '5%',
    'memory.available': '200Mi',
    'nodefs.available': '10%',
    'nodefs.inodesFree': '5%',
  })
})
