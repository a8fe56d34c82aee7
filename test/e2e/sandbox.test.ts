import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, inject, test } from 'vitest'
import { kubectlWith } from '../support/kubectl.ts'
import { foreignSockets } from '../support/sockets.ts'

const sandbox = inject('sandbox')
const kubectl = kubectlWith(inject('kubectl'), sandbox.kubeconfig)

const namespaces: string[] = []

async function apply(namespace: string, ...objects: object[]): Promise<void> {
  if (!namespaces.includes(namespace)) namespaces.push(namespace)
  const items = [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, ...objects]
  await kubectl(
    ['apply', '-n', namespace, '-f', '-'],
    JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
  )
}

afterAll(async () => {
  const clusterWide = ['sc/test-local', 'sc/test-dynamic', 'pv/local-1']
  const own = namespaces.map((name) => `ns/${name}`)
  await kubectl(['delete', ...clusterWide, ...own, '--ignore-not-found', '--wait=false'])
})

function podSpec(extra: object = {}) {
  return { containers: [{ name: 'main', image: 'example.com/main:1' }], ...extra }
}

function template(name: string, options: { annotations?: object; spec?: object } = {}) {
  const { annotations = {}, spec = podSpec() } = options
  return { metadata: { labels: { app: name }, annotations }, spec }
}

function workload(kind: string, name: string, spec: object = podSpec()) {
  const selector = { matchLabels: { app: name } }
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name },
    spec: { selector, template: template(name, { spec }) },
  }
}

function job(name: string, options: { annotations?: object } = {}) {
  const spec = podSpec({ restartPolicy: 'Never' })
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name },
    spec: { backoffLimit: 0, template: template(name, { ...options, spec }) },
  }
}

function pod(name: string, simulate: string) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, annotations: { 'metaltasks/simulate': simulate } },
    spec: podSpec(),
  }
}

const field = async (what: string[], path: string) => kubectl(['get', ...what, '-o', `jsonpath=${path}`])

test('without a configuration the nodes are kube1, kube2 and kube3, ready and marked as simulated', async () => {
  expect(
    await field(
      ['nodes'],
      '{range .items[*]}{.metadata.name} {.metadata.annotations.kwok\\.x-k8s\\.io/node} {end}',
    ),
  ).toBe('kube1 fake kube2 fake kube3 fake ')
  await kubectl(['wait', 'node', '--all', '--for=condition=Ready', '--timeout=10s'])
})

test('workloads become ready, init containers and sidecars included, and Jobs complete', async () => {
  const spec = podSpec({
    initContainers: [
      { name: 'before', image: 'example.com/before:1' },
      { name: 'beside', image: 'example.com/beside:1', restartPolicy: 'Always' },
    ],
  })
  await apply('workloads', workload('Deployment', 'web', spec), workload('DaemonSet', 'agent'), job('once'))
  await kubectl([
    'rollout',
    'status',
    '-n',
    'workloads',
    'deployment/web',
    'daemonset/agent',
    '--timeout=30s',
  ])
  await kubectl(['wait', '-n', 'workloads', 'job/once', '--for=condition=Complete', '--timeout=30s'])
  expect(await field(['daemonset', 'agent', '-n', 'workloads'], '{.status.numberReady}')).toBe('3')
})

test('pods that are asked to show a trouble never become ready, each for its own reason', async () => {
  await apply('troubles', pod('crash', 'crash'), pod('image', 'image-pull'), pod('unready', 'unready'))
  await apply('troubles', job('fails', { annotations: { 'metaltasks/simulate': 'fail' } }))
  await kubectl(['wait', '-n', 'troubles', 'job/fails', '--for=condition=Failed', '--timeout=30s'])
  await kubectl([
    'wait',
    '-n',
    'troubles',
    'pod',
    '-l',
    '!job-name',
    '--for=condition=Ready=false',
    '--timeout=30s',
  ])
  const waiting = '{.status.phase} {.status.containerStatuses[0].state.waiting.reason}'
  expect(await field(['pod', 'crash', '-n', 'troubles'], waiting)).toBe('Running CrashLoopBackOff')
  expect(await field(['pod', 'image', '-n', 'troubles'], waiting)).toBe('Pending ImagePullBackOff')
  expect(await field(['pod', 'unready', '-n', 'troubles'], '{.status.containerStatuses[0].ready}')).toBe(
    'false',
  )
})

test('a Service of type LoadBalancer gets the address it asks for, else its own', async () => {
  const service = (name: string, annotations = {}) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, annotations },
    spec: { type: 'LoadBalancer', ports: [{ port: 80 }], selector: { app: 'x' } },
  })
  await apply('services', service('any'), service('asks', { 'metallb.io/loadBalancerIPs': '192.0.2.77' }))
  const address = '{.status.loadBalancer.ingress[0].ip}'
  await kubectl(['wait', '-n', 'services', 'service', '--all', `--for=jsonpath=${address}`, '--timeout=30s'])
  expect(await field(['service', 'asks', '-n', 'services'], address)).toBe('192.0.2.77')
  expect(await field(['service', 'any', '-n', 'services'], address)).toBe(
    await field(['service', 'any', '-n', 'services'], '{.spec.clusterIP}'),
  )
})

test('claims bind to local volumes and to simulated ones of a provisioner, and those go with their claim', async () => {
  const storageClass = (name: string, provisioner: string) => ({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name },
    provisioner,
    volumeBindingMode: 'WaitForFirstConsumer',
  })
  const claim = (name: string) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name },
    spec: {
      storageClassName: name,
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
    },
  })
  const expression = { key: 'kubernetes.io/hostname', operator: 'In', values: ['kube2'] }
  const volume = {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'local-1' },
    spec: {
      storageClassName: 'test-local',
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      local: { path: '/data' },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [expression] }] } },
    },
  }
  const volumes = ['test-local', 'test-dynamic'].map((name) => ({
    name,
    persistentVolumeClaim: { claimName: name },
  }))
  await apply(
    'claims',
    storageClass('test-local', 'kubernetes.io/no-provisioner'),
    storageClass('test-dynamic', 'example.com/path'),
    claim('test-local'),
    claim('test-dynamic'),
    volume,
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'user' }, spec: podSpec({ volumes }) },
  )
  await kubectl(['wait', '-n', 'claims', 'pod/user', '--for=condition=Ready', '--timeout=60s'])
  expect(await field(['pod', 'user', '-n', 'claims'], '{.spec.nodeName}')).toBe('kube2')
  const name = await field(['pvc', 'test-dynamic', '-n', 'claims'], '{.spec.volumeName}')
  await kubectl(['delete', '-n', 'claims', 'pod/user', 'pvc/test-dynamic'])
  await kubectl(['wait', `pv/${name}`, '--for=delete', '--timeout=30s'])
})

test('Secrets are encrypted in etcd, other objects are not', async () => {
  const data = (value: string) => ({ stringData: { value } })
  await apply(
    'at-rest',
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'hidden' }, ...data('plain-text-of-a-secret') },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'open' },
      data: { value: 'plain-text-of-a-map' },
    },
  )
  expect(await etcdHolds('plain-text-of-a-map')).toBe(true)
  expect(await etcdHolds('k8s:enc:secretbox:v1:sandbox:')).toBe(true)
  expect(await etcdHolds('plain-text-of-a-secret')).toBe(false)
})

/** Whether a text stands in etcd's write-ahead log. */
async function etcdHolds(text: string): Promise<boolean> {
  const folder = join(sandbox.directory, 'etcd/member/wal')
  const logs = (await readdir(folder)).filter((name) => name.endsWith('.wal'))
  const found = await Promise.all(
    logs.map(async (name) => (await readFile(join(folder, name))).includes(text)),
  )
  return found.includes(true)
}

test('a privileged pod is refused by the cluster default, and accepted where a namespace says so', async () => {
  const privileged = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'root' },
    spec: podSpec({ hostNetwork: true }),
  }
  await expect(apply('baseline', privileged)).rejects.toThrow(/violates PodSecurity "baseline:v1.36"/)
  await kubectl(['label', 'ns', 'baseline', 'pod-security.kubernetes.io/enforce=privileged'])
  await apply('baseline', privileged)
})

test('the audit log names who wrote a Secret and holds no value of it', async () => {
  await apply('audited', {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'watched' },
    stringData: { value: 'never-in-the-audit-log' },
  })
  const log = await readFile(join(sandbox.directory, 'logs/audit.log'), 'utf8')
  const line = log.split('\n').find((line) => line.includes('"watched"') && line.includes('"verb":"create"'))
  expect(JSON.parse(line!)).toMatchObject({ user: { username: 'kubernetes-admin' }, level: 'Metadata' })
  expect(log).not.toContain('never-in-the-audit-log')
})

test('no program of the sandbox listens or connects beyond loopback, whatever it is asked to reach', async () => {
  await apply('reach', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: podSpec() })
  await kubectl(['wait', '-n', 'reach', 'pod/p', '--for=condition=Ready', '--timeout=30s'])
  // Each of these would make an API server dial: a kubelet, a pod, a webhook.
  const hook = {
    name: 'reach.example.com',
    clientConfig: { url: 'https://192.0.2.99/hook' },
    rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'reach' } },
    sideEffects: 'None',
    timeoutSeconds: 2,
    admissionReviewVersions: ['v1'],
  }
  await apply('reach', {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'reach' },
    webhooks: [hook],
  })
  const attempts = Promise.allSettled([
    kubectl(['logs', '-n', 'reach', 'p', '--request-timeout=3s']),
    kubectl(['get', '--raw', '/api/v1/namespaces/reach/pods/p:80/proxy/', '--request-timeout=3s']),
    kubectl(['create', 'configmap', 'c', '-n', 'reach', '--request-timeout=3s']),
  ])
  const seen = await foreignSockets(sandbox.directory, attempts)
  await kubectl(['delete', 'validatingwebhookconfiguration', 'reach'])
  expect((await attempts).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
  expect(seen).toEqual({ sockets: expect.any(Number), foreign: [] })
  expect(seen.sockets).toBeGreaterThan(10)
})
