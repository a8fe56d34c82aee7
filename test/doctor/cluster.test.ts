import { expect, test } from 'vitest'
import { clusterResults, compareVersions, expiryResult, skewResult } from '../../tasks/lib/doctor/cluster.ts'
import { stateResult } from '../../tasks/lib/doctor/sandbox.ts'
import { temporaryFolder } from '../support/cli.ts'
import { testConfig } from '../support/config.ts'

const options = { signal: new AbortController().signal, now: new Date('2026-06-01T00:00:00Z') }

test('a cluster that somebody else makes is told how to get a kubeconfig where there is none', async () => {
  expect(await clusterResults(testConfig('/x', { distribution: 'none' }), options)).toEqual([
    {
      name: 'kubeconfig',
      state: 'missing',
      detail: 'no kubeconfig to reach cluster test with',
      hint: 'set K8S_KUBECONFIG in .env or target.kubeconfig in cluster.yaml; to rehearse, add --sandbox',
    },
  ])
})

test('a cluster without control planes gives no kubeconfig', async () => {
  const [first] = await clusterResults(testConfig('/x'), options)
  expect(first).toMatchObject({
    state: 'missing',
    detail: 'no control plane of cluster test gave its kubeconfig',
    hint: 'make the cluster: tasks install; or name a kubeconfig: target.kubeconfig in cluster.yaml; to rehearse, add --sandbox',
  })
})

test('a kubeconfig that is not there, or has no such context, is missing', async () => {
  const config = { contexts: [{ name: 'home', context: { cluster: 'home' } }] }
  const root = temporaryFolder({ config: JSON.stringify(config) })
  const absent = await clusterResults(testConfig(root, { kubeconfig: `${root}/nowhere` }), options)
  expect(absent).toMatchObject([
    { state: 'missing', detail: `kubeconfig ${root}/nowhere does not exist`, hint: expect.any(String) },
  ])
  const wrong = await clusterResults(
    testConfig(root, { kubeconfig: `${root}/config`, context: 'hom' }),
    options,
  )
  expect(wrong).toMatchObject([
    { state: 'missing', detail: `kubeconfig ${root}/config has no context "hom"` },
  ])
})

test('an API server of another minor than the configured one is worth a look', () => {
  const server = 'https://10.0.0.1:6443'
  expect(compareVersions('1.35.4+k3s1', { wanted: '1.36.3', server })).toEqual({
    name: 'API server',
    state: 'warning',
    detail: 'https://10.0.0.1:6443 runs Kubernetes 1.35.4+k3s1, configured is 1.36.3',
    hint: 'set it in .env: K8S_VERSION=1.35.4',
  })
  expect(compareVersions('1.36.9', { wanted: '1.36.3', server })).toMatchObject({ state: 'good' })
})

test.each([
  ['2027-06-01', 'good', 'of this context, until 2027-06-01'],
  ['2026-06-11', 'warning', 'of this context, until 2026-06-11: 10 days left'],
  ['2026-05-30', 'missing', 'of this context, until 2026-05-30: -2 days left'],
])("the administrator's certificate until %s is %s", (until, state, detail) => {
  expect(expiryResult(new Date(until), options.now)).toMatchObject({ state, detail })
})

test.each([
  [2000, 'good', 'agrees with this one'],
  [-29_000, 'good', 'agrees with this one'],
  [120_000, 'warning', "the newest lease is 120 s ahead of this machine's clock"],
  [-3_600_000, 'warning', "the newest lease is 3600 s behind this machine's clock"],
])("a cluster's clock %s ms ahead is %s", (aheadMs, state, detail) => {
  expect(skewResult(aheadMs)).toMatchObject({ state, detail })
})

const status = { directory: '/state', processes: [], memory: 0, server: 'https://127.0.0.1:1' }
const etcd = { name: 'etcd' as const, pid: 1, ports: [], memory: 0, log: '' }

test.each([
  [{ ...status, state: 'absent' as const }, 'good', 'not made yet: the first task that needs it makes it'],
  [{ ...status, state: 'stopped' as const }, 'good', 'stopped, its data is in /state'],
  [{ ...status, state: 'damaged' as const, processes: [etcd] }, 'warning', 'only etcd of it still runs'],
  [{ ...status, state: 'running' as const }, 'missing', 'runs at https://127.0.0.1:1 but does not answer'],
  [
    { ...status, state: 'running' as const, nodes: 3 },
    'good',
    'runs at https://127.0.0.1:1 with 3 simulated nodes',
  ],
])('a sandbox that is $state', (given, state, detail) => {
  const result = stateResult(given)
  expect(result).toMatchObject({ state, detail })
  expect(result.hint !== undefined).toBe(state !== 'good')
})
