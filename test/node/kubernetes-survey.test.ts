import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { readState, surveyKubernetes } from '../../tasks/lib/node/kubeadm/survey.ts'
import { goneMachine } from '../support/machines.ts'
import { type RelocatedMachine, relocatedMachine } from '../support/relocated-machine.ts'

const options = { parallel: 4, signal: new AbortController().signal }

const programs = {
  kubelet: 'echo Kubernetes v1.36.3\n',
  kubeadm: 'echo v1.36.3\n',
  containerd: 'echo containerd github.com/containerd/containerd/v2 v2.3.4 abcdef\n',
  systemctl: 'exit 0\n',
  ip: `echo '192.0.2.1 via 10.0.0.1 dev eth0 src 10.0.0.11 uid 0'\n`,
}

test('a machine that nothing is on says so', async () => {
  const machine = relocatedMachine('w1', { systemctl: 'exit 3\n', ip: 'exit 2\n' })
  const { states } = await surveyKubernetes([machine], options)
  expect(states.get('w1')).toMatchObject({
    ...{
      isMember: false,
      isControlPlane: false,
      isRestored: false,
      hasEtcdData: false,
      isKubeletActive: false,
    },
    ...{ leftOvers: [], certificates: [], files: {}, network: {} },
  })
})

test('a control plane says whose it is, its versions, certificates and files, in one round trip, and no key', async () => {
  const machine = relocatedMachine('cp1', programs)
  const at = (path: string) => join(machine.root, 'etc/kubernetes', path)
  write(machine, 'etc/kubernetes/pki/ca.key', '')
  const words = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-subj',
    '/O=system:nodes/CN=system:node:cp1',
    '-addext',
    'subjectAltName=DNS:kubernetes,IP:fd00::10',
  ]
  execFileSync('openssl', [...words, '-days', '10', '-keyout', at('pki/ca.key'), '-out', at('pki/ca.crt')], {
    stdio: 'pipe',
  })
  const [ca, key] = [readFileSync(at('pki/ca.crt'), 'utf8'), readFileSync(at('pki/ca.key'), 'utf8')]
  const kubeconfig = `clusters:
- cluster:
    certificate-authority-data: ${Buffer.from(ca).toString('base64')}
    server: https://10.0.0.10:8443
users:
- user:
    client-certificate-data: ${Buffer.from(ca).toString('base64')}
    client-key-data: ${Buffer.from(key).toString('base64')}
`
  write(machine, 'etc/kubernetes/kubelet.conf', kubeconfig)
  write(
    machine,
    'etc/kubernetes/manifests/kube-apiserver.yaml',
    '    - --service-cluster-ip-range=10.96.0.0/12\n    image: registry.k8s.io/kube-apiserver:v1.36.3\n',
  )
  write(
    machine,
    'etc/kubernetes/manifests/etcd.yaml',
    '    image: registry.k8s.io/etcd:3.6.14-0@sha256:0123\n',
  )
  write(
    machine,
    'etc/kubernetes/manifests/kube-controller-manager.yaml',
    '    - --cluster-cidr=10.244.0.0/16,fd00:1::/56\n    - --cluster-name=kubernetes\n',
  )
  write(machine, 'var/lib/kubelet/config.yaml', 'clusterDNS:\n- 10.96.0.10\nclusterDomain: cluster.local\n')
  write(machine, 'etc/cni/net.d/10-flannel.conflist', '{}')
  write(machine, 'etc/kubernetes/audit/policy.yaml', 'kind: Policy\n')
  write(machine, 'var/lib/etcd/member/wal', '')
  write(machine, 'var/lib/kubelet/pki/kubelet-client-current.pem', `${ca}${key}`)
  let printed = ''
  const { run } = machine
  machine.run = async (...words) => {
    const result = await run(...words)
    printed += result.stdout
    return result
  }

  const { states } = await surveyKubernetes([machine], options)

  const state = states.get('cp1')!
  expect(state).toMatchObject({
    ...{ isMember: true, isControlPlane: true, hasEtcdData: true, isKubeletActive: true, leftOvers: [] },
    nodeName: 'cp1',
    server: 'https://10.0.0.10:8443',
    versions: {
      kubelet: '1.36.3',
      kubeadm: '1.36.3',
      containerd: '2.3.4',
      apiServer: '1.36.3',
      etcd: '3.6.14',
    },
    ...{ address: '10.0.0.11', interface: 'eth0' },
    cniFiles: ['/etc/cni/net.d/10-flannel.conflist'],
    network: {
      podSubnet: '10.244.0.0/16,fd00:1::/56',
      serviceSubnet: '10.96.0.0/12',
      dnsDomain: 'cluster.local',
    },
  })
  expect(state.caHash).toMatch(/^sha256:[0-9a-f]{64}$/)
  expect(state.certificates.map(({ file }) => file)).toEqual([
    '/etc/kubernetes/pki/ca.crt',
    '/var/lib/kubelet/pki/kubelet-client-current.pem',
    '/etc/kubernetes/kubelet.conf',
  ])
  expect(state.certificates[0]!.names).toEqual(['kubernetes', 'FD00:0:0:0:0:0:0:10'])
  expect(state.certificates[0]!.expires.getTime()).toBeGreaterThan(Date.now())
  expect(Object.keys(state.files)).toEqual(['/etc/kubernetes/audit/policy.yaml'])
  expect(machine.scripts).toHaveLength(1)
  const secret = key.split('\n')[1]!
  for (const text of [
    printed,
    ...printed.split(/\s/).map((word) => Buffer.from(word, 'base64').toString('latin1')),
  ])
    expect(text).not.toContain(secret)
})

test('a setup that was begun is no member yet, and what it left is no left-over', async () => {
  const machine = relocatedMachine('cp1', { systemctl: 'exit 3\n', ip: 'exit 2\n' })
  for (const name of ['kubelet.conf', 'manifests/kube-apiserver.yaml'])
    write(machine, `etc/kubernetes/${name}`, 'x')
  write(machine, 'etc/kubernetes/metaltasks/beginning', 'init certified\n')
  const { states } = await surveyKubernetes([machine], options)
  expect(states.get('cp1')).toMatchObject({
    begun: 'init',
    isMember: false,
    isControlPlane: false,
    leftOvers: [],
  })
})

test('what a cluster left on a machine is named', async () => {
  const machine = relocatedMachine('w1', { systemctl: 'exit 3\n', ip: 'exit 2\n' })
  write(machine, 'var/lib/kubelet/config.yaml', 'x')
  const { states } = await surveyKubernetes([machine], options)
  expect(states.get('w1')!.leftOvers).toEqual(['/var/lib/kubelet/config.yaml'])
})

test('a machine that cannot be reached is told as such, an answer that is cut off is an error', async () => {
  const { states, unreachable } = await surveyKubernetes([goneMachine('cp2')], options)
  expect([states.size, unreachable.get('cp2')?.message]).toEqual([0, 'cp2: no route to host'])
  expect(() => readState('trace\t/etc/kubernetes/kubelet.conf\n')).toThrow('was cut off')
  expect(() => readState('begun\tsomething\nwhole\n')).toThrow('says "something"')
})

function write({ root }: RelocatedMachine, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}
