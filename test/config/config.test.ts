import { expect, test } from 'vitest'
import type { TaskError } from '../../tasks/lib/cli/errors.ts'
import { redact } from '../../tasks/lib/cli/redact.ts'
import { loadConfig } from '../../tasks/lib/config/config.ts'
import type { Config } from '../../tasks/lib/config/model.ts'
import { configFixtures, findingsText, loadFixture } from './fixtures.ts'

const invalid = configFixtures('invalid')
const valid = configFixtures('valid')

test.each(invalid)('a bad configuration is told in full: $name', async (fixture) => {
  expect(fixture.expected).toMatch(/^error: /m)
  await expect(loadFixture(fixture)).rejects.toMatchObject({ name: 'TaskError', exitCode: 1 })
  expect(await findingsText(loadFixture(fixture))).toBe(fixture.expected)
})

test.each(valid)('a good configuration loads: $name', async (fixture) => {
  await loadFixture(fixture)
  expect(await findingsText(loadFixture(fixture))).toBe(fixture.expected)
})

test('variables alone and cluster.yaml alone give the same cluster', async () => {
  const [fromVariables, fromFile] = await Promise.all([load('from variables'), load('from cluster file')])
  expect(withoutPlaces(fromFile)).toEqual(withoutPlaces(fromVariables))
  expect(fromVariables.configured).toBe(true)
  expect(fromVariables.cluster).toMatchObject({
    name: 'lab',
    kubernetesVersion: '1.35.4',
    kubeconfig: '/etc/lab.conf',
    context: 'sudo',
    endpoint: { host: 'kube.home.lan', port: 6443 },
    network: {
      provider: 'none',
      podSubnet: '10.42.0.0/16',
      serviceSubnet: '10.100.0.0/15',
      dnsDomain: 'lab.local',
    },
    loadBalancerRanges: ['192.168.1.240-192.168.1.250', '192.168.2.0/28'],
    addons: { flannel: { enabled: false }, headlamp: { enabled: true } },
    pools: [
      { name: 'small', size: '1Gi', count: 8 },
      { name: 'medium', size: '8Gi', count: 10 },
      { name: 'large', size: '20Gi', count: 2 },
    ],
    namedVolumes: [
      { name: 'share', size: '8Gi' },
      { name: 'media', size: '8Gi' },
    ],
  })
  expect(fromFile.variables.get('POD_SUBNET')).toMatchObject({
    value: '10.42.0.0/16',
    origin: 'cluster.yaml:12',
  })
})

test('an empty project is the sandbox with three nodes and 41 volumes on each', async () => {
  const { cluster, configured, variables } = await load('empty')
  expect(configured).toBe(false)
  expect(cluster.nodes.map(({ name, roles }) => [name, roles])).toEqual([
    ['kube1', ['control-plane', 'worker']],
    ['kube2', ['control-plane', 'worker']],
    ['kube3', ['control-plane', 'worker']],
  ])
  const pooled = cluster.pools.reduce((sum, { count }) => sum + count, 0)
  expect(pooled + cluster.namedVolumes.length).toBe(41)
  expect(variables.get('K8S_NODES')).toEqual({
    name: 'K8S_NODES',
    value: 'kube1 kube2 kube3',
    origin: 'default',
  })
  expect(variables.get('NODE')).toBeUndefined()
})

test('NODE and KUBECONFIG configure nothing', async () => {
  const config = await loadConfig(folder('empty'), {
    environment: { NODE: 'kube1', KUBECONFIG: '/home/me/.kube/config' },
  })
  expect(config.configured).toBe(false)
  expect(config.cluster.kubeconfig).toBeUndefined()
})

test('the NODE that npx exports, the path of a program, names no node', async () => {
  const config = await loadConfig(folder('empty'), { environment: { NODE: '/usr/bin/node' } })
  expect(config.findings).toEqual([])
  expect(config.variables.has('NODE')).toBe(false)
  expect(config.environmentVariables.has('NODE')).toBe(false)
})

test('every field of cluster.yaml arrives', async () => {
  const { cluster, findings } = await load('everything')
  expect(findings).toEqual([])
  expect(cluster).toMatchObject({
    kubeconfig: `${folder('everything')}/~/.kube/lab.conf`,
    endpoint: { host: '192.168.1.10', port: 6443 },
    nodes: [
      {
        name: 'kube1',
        address: '192.168.1.11',
        roles: ['control-plane', 'etcd'],
        labels: {},
        taints: [{ key: 'dedicated', value: 'control', effect: 'NoSchedule' }],
        volumes: [],
        place: { file: 'cluster.yaml', line: 9, column: 5 },
      },
      {
        name: 'kube2',
        address: 'fd00::12',
        roles: ['worker'],
        labels: { 'example.com/disk': 'ssd', gpu: 'true', zone: '1' },
        volumes: [
          {
            name: 'volkube',
            vg: 'vg01',
            size: '100Gi',
            path: '/var/lib/k8s-volumes',
            filesystem: 'xfs',
            inodes: 10000,
            owner: '1000:1000',
          },
        ],
      },
    ],
    addons: {
      headlamp: { enabled: false, settings: {} },
      'metrics-server': {
        enabled: true,
        settings: { args: ['--kubelet-insecure-tls', 'UTC'], replicas: 2 },
      },
      'ingress-nginx': { enabled: true, settings: {} },
    },
    namedVolumes: [
      { name: 'share', size: '8Gi' },
      { name: 'media', size: '100Gi' },
    ],
  })
})

test('~ in the kubeconfig is the home folder', async () => {
  const { cluster } = await loadConfig(folder('everything'), { environment: { HOME: '/home/me' } })
  expect(cluster.kubeconfig).toBe('/home/me/.kube/lab.conf')
})

test('a merge key and an alias give a node what the anchor holds', async () => {
  const { nodes } = (await load('anchors')).cluster
  expect(nodes.map(({ name, labels }) => [name, labels])).toEqual([
    ['kube1', { disk: 'ssd' }],
    ['kube2', {}],
    ['kube3', { disk: 'ssd' }],
    ['kube4', {}],
  ])
})

test('without roles the first three of four nodes are control planes', async () => {
  const { nodes } = (await load('three control planes by default')).cluster
  expect(nodes.map(({ roles }) => roles.includes('control-plane'))).toEqual([true, true, true, false])
  expect(nodes.every(({ roles }) => roles.includes('worker'))).toBe(true)
})

test('the argument wins over --vars, the environment, .env.local, .env, cluster.yaml and the default', async () => {
  const root = folder('notes on what lost')
  const varsFile = `${folder('from variables')}/.env`
  const given = { environment: { K8S_VERSION: '1.36.0' }, varsFile, arguments: { K8S_VERSION: '1.36.2' } }
  const versions = [
    await loadConfig(root, given),
    await loadConfig(root, { ...given, arguments: {} }),
    await loadConfig(root, { environment: given.environment }),
    await loadConfig(root, { environment: {} }),
    await load('from variables'),
    await load('from cluster file'),
    await load('empty'),
  ].map((config) => {
    const { value, origin } = config.variables.get('K8S_VERSION')!
    return `${value} ${origin}`
  })
  expect(versions).toEqual([
    '1.36.2 argument',
    `1.35.4 --vars ${varsFile}:3`,
    '1.36.0 environment',
    '1.34.4 .env.local:1',
    '1.35.4 .env:3',
    '1.35.4 cluster.yaml:2',
    '1.36.3 default',
  ])
})

test('a variable that only the environment has is not declared, but can be looked up and referred to', async () => {
  const { variables, environmentVariables } = await loadConfig(folder('empty'), {
    environment: { MY_OWN: 'x', 'NOT-A-NAME': 'y' },
    arguments: {},
  })
  expect(variables.has('MY_OWN')).toBe(false)
  expect([...environmentVariables]).toEqual([
    ['MY_OWN', { name: 'MY_OWN', value: 'x', origin: 'environment' }],
  ])
})

test('quotes, comments, CRLF and a byte order mark are read as in a shell', async () => {
  const { variables } = await load('quotes crlf and bom')
  expect(variables.get('DOMAIN')!.place).toEqual({ file: '.env', line: 1, column: 1 })
  const names = ['DOMAIN', 'TZ', 'K8S_NODES', 'PRICE', 'LITERAL', 'TEXT', 'ESCAPED']
  expect(names.map((name) => variables.get(name)!.value)).toEqual([
    'home.lan',
    'Europe/Berlin',
    'kube1.home.lan kube2.home.lan',
    '$5',
    '$DOMAIN',
    'one\ntwo',
    '$DOMAIN',
  ])
})

test('the value of a password is marked and never printed', async () => {
  const { variables } = await loadConfig(folder('empty'), {
    arguments: { DB_PASSWORD: 'correct-horse', INGRESS_TLS_SECRET: 'ingress-tls' },
    environment: {},
  })
  expect(variables.get('DB_PASSWORD')!.secret).toBe(true)
  expect(variables.get('INGRESS_TLS_SECRET')!.secret).toBeUndefined()
  expect(redact('is it correct-horse or ingress-tls?')).toBe('is it *** or ingress-tls?')
})

test('a file of --vars that is not there is named', async () => {
  expect(await findingsText(loadConfig(folder('empty'), { environment: {}, varsFile: 'no-such.env' }))).toBe(
    [
      'error: --vars no-such.env: there is no such file',
      'hint: write one with lines NAME=value, or correct the path',
      '',
    ].join('\n'),
  )
})

test('a folder in the place of a file is an error that names it', async () => {
  const loading = loadConfig(folder('empty'), { environment: {}, varsFile: folder('empty') })
  const error: TaskError = await loading.then(
    () => expect.unreachable(),
    (thrown) => thrown,
  )
  expect(error.message).toMatch(/ cannot be read: EISDIR$/)
  expect(error.findings[0]!.hint).toMatch(/ has to be a file$/)
})

function load(name: string): Promise<Config> {
  return loadFixture(valid.find((fixture) => fixture.name === name)!)
}

function folder(name: string): string {
  return valid.find((fixture) => fixture.name === name)!.folder
}

function withoutPlaces({ cluster }: Config): Config['cluster'] {
  return { ...cluster, nodes: cluster.nodes.map(({ place: _place, ...node }) => node) }
}

test('cluster.yaml says how machines are reached, prepared and unlocked', async () => {
  const { cluster } = await loadConfig(folder('machines'), {
    environment: { HOME: '/home/me', SSH_USER: 'me' },
  })
  expect(cluster).toMatchObject({
    ssh: {
      user: 'me',
      port: 22,
      identity: '/home/me/.ssh/nodes',
      bastion: 'ops@gate.example.com:2200',
      parallel: 10,
    },
    system: { packages: ['smartmontools'], modules: ['wireguard'], sysctl: { 'vm.max_map_count': '262144' } },
    keyServer: { host: 'keys.example.com', address: '192.168.1.9', path: '/masterlock' },
    unlock: 'key-server',
    sync: [{ name: 'share', nodes: ['kube1', 'kube2'], schedule: '*:0/5' }],
  })
  expect(cluster.nodes.map(({ user, port }) => [user, port])).toEqual([
    ['root', 2222],
    [undefined, undefined],
  ])
})

test('where nothing is said of machines, ssh decides and volumes are opened by hand', async () => {
  const { ssh, unlock, keyServer, volumesOnRootDisk } = (await load('empty')).cluster
  expect({ ssh, unlock, keyServer, volumesOnRootDisk }).toEqual({
    ssh: { parallel: 20 },
    unlock: 'manual',
    keyServer: undefined,
    volumesOnRootDisk: false,
  })
})
