import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type ApiClient, connect } from '../../tasks/lib/api/client.ts'
import { refOf } from '../../tasks/lib/api/resource.ts'
import { createWaiter } from '../../tasks/lib/api/wait/wait.ts'
import { TaskError } from '../../tasks/lib/cli/errors.ts'
import type { KubernetesObject } from '../../tasks/lib/manifest/object.ts'
import { kubectlWith } from '../support/kubectl.ts'
import { object } from '../support/objects.ts'
import { applySet, planOf, runStep, setOf } from '../support/sets.ts'

const { kubeconfig } = inject('sandbox')
const kubectl = kubectlWith(inject('kubectl'), kubeconfig)
const namespace = 'wait-test'
let client: ApiClient

beforeAll(async () => {
  client = await connect(kubeconfig)
  await client.apply(object('Namespace', namespace))
})

afterAll(async () => {
  await client.remove({ apiVersion: 'v1', kind: 'Namespace', name: namespace })
  client.close()
})

interface PodOptions {
  simulate?: string
  pod?: object
}

function podTemplate(app: string, { simulate, pod }: PodOptions) {
  const annotations = simulate ? { annotations: { 'metaltasks/simulate': simulate } } : {}
  return {
    metadata: { labels: { app }, ...annotations },
    spec: { containers: [{ name: 'app', image: 'app:1' }], ...pod },
  }
}

function workload(type: string, name: string, { spec, ...options }: PodOptions & { spec?: object } = {}) {
  const template = podTemplate(name, options)
  const own = type.startsWith('StatefulSet') ? { serviceName: name } : {}
  return object(type, `${namespace}/${name}`, {
    spec: { selector: { matchLabels: { app: name } }, template, ...own, ...spec },
  })
}

function job(name: string, { spec, ...options }: PodOptions & { spec?: object } = {}) {
  const { spec: pod, metadata } = podTemplate(name, options)
  const template = { metadata, spec: { ...pod, restartPolicy: 'Never' } }
  return object('Job batch/v1', `${namespace}/${name}`, { spec: { template, ...spec } })
}

/** The error with which waiting for the object ends, and what was said until then. */
async function failureOf(wanted: KubernetesObject, seconds: number) {
  const said: string[] = []
  const step = await planOf(client, setOf(`wait-${wanted.metadata.name}`, [wanted]))
  const error = await runStep(step, { said, seconds }).catch((error: unknown) => error)
  if (!(error instanceof TaskError)) throw error ?? new Error('it became ready')
  return { said, error, findings: error.findings.map(({ severity, message }) => `${severity}: ${message}`) }
}

const D = 'Deployment apps/v1'

// The limit is far away: these do not end because time is up, but because they cannot succeed.
const far = 100

describe.concurrent('waiting ends early, with the reason,', () => {
  test('for a container that crashes again and again', async () => {
    const { findings } = await failureOf(workload(D, 'crash', { simulate: 'crash' }), far)
    expect(findings[0]).toMatch(
      /^error: Deployment wait-test\/crash is not ready: pod crash-\S+: container app: CrashLoopBackOff/,
    )
    expect(findings.join('\n')).toContain('note: event: BackOff: Back-off restarting failed container')
  })

  test('for an image that cannot be had', async () => {
    const { findings } = await failureOf(
      workload('StatefulSet apps/v1', 'image', { simulate: 'image-pull' }),
      far,
    )
    expect(findings[0]).toMatch(
      /^error: StatefulSet wait-test\/image is not ready: pod image-0: container app: ImagePullBackOff/,
    )
  })

  test('for a pod that no node takes', async () => {
    const pod = { nodeSelector: { disk: 'none' } }
    const { findings, said } = await failureOf(workload(D, 'nowhere', { pod }), far)
    expect(findings[0]).toMatch(
      /is not ready: pod nowhere-\S+: cannot be scheduled: 0\/\d+ nodes are available/,
    )
    expect(said.some((text) => text.startsWith('waiting for Deployment wait-test/nowhere: '))).toBe(true)
  })

  test('for a Deployment that made no progress within its deadline', async () => {
    const wanted = workload(D, 'slow', { simulate: 'unready', spec: { progressDeadlineSeconds: 1 } })
    const { findings } = await failureOf(wanted, far)
    expect(findings[0]).toMatch(/^error: Deployment wait-test\/slow is not ready: ProgressDeadlineExceeded: /)
    expect(findings.join('\n')).toMatch(/note: pod slow-\S+: not ready: app/)
  })

  test('for a Job that failed', async () => {
    const { findings } = await failureOf(job('broken', { simulate: 'fail', spec: { backoffLimit: 0 } }), far)
    expect(findings[0]).toMatch(/^error: Job wait-test\/broken is not ready: BackoffLimitExceeded: /)
  })

  test('for pods that Pod Security does not allow, of a Deployment and of a DaemonSet', async () => {
    const pod = { hostNetwork: true }
    for (const type of [D, 'DaemonSet apps/v1']) {
      const wanted = workload(type, type.slice(0, 6).toLowerCase(), { pod })
      const { findings } = await failureOf(wanted, far)
      expect(findings[0]).toMatch(
        /is not ready: no pod can be made.*violates PodSecurity "baseline:v1\.\d+": host namespaces/,
      )
    }
  })

  test('for a kind whose names are taken', async () => {
    const definition = (plural: string) =>
      object('CustomResourceDefinition apiextensions.k8s.io/v1', `${plural}.wait.test`, {
        spec: {
          group: 'wait.test',
          scope: 'Namespaced',
          names: { kind: 'Clock', plural },
          versions: [
            { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } },
          ],
        },
      })
    await applySet(client, setOf('clocks', [definition('clocks')]))
    const { findings } = await failureOf(definition('timers'), far)
    expect(findings[0]).toMatch(
      /CustomResourceDefinition timers.wait.test is not ready: \w*Conflict: .*already in use/,
    )
    for (const plural of ['clocks', 'timers']) await client.remove(refOf(definition(plural)))
  })
})

describe.concurrent('waiting ends when time is up, and says what was missing,', () => {
  const cases: [says: string, wanted: KubernetesObject, message: RegExp][] = [
    [
      'for pods that do not get ready',
      workload(D, 'unready', { simulate: 'unready' }),
      /is not ready: 0 of 1 available/,
    ],
    [
      'for a claim without a volume',
      object('PersistentVolumeClaim', `${namespace}/unbound`, {
        spec: {
          storageClassName: 'none',
          accessModes: ['ReadWriteOnce'],
          resources: { requests: { storage: '1Gi' } },
        },
      }),
      /is not ready: not bound to a volume/,
    ],
    [
      'for a load balancer without an address',
      object('Service', `${namespace}/outside`, {
        spec: {
          type: 'LoadBalancer',
          loadBalancerIP: 'no address',
          ports: [{ port: 80 }],
          selector: { app: 'x' },
        },
      }),
      /is not ready: no load balancer address/,
    ],
  ]
  test.each(cases)('%s', async (_says, wanted, message) => {
    const { error, said } = await failureOf(wanted, 4)
    expect(error.message).toMatch(message)
    expect(said.join('\n')).toContain(`waiting for ${wanted.kind} ${namespace}/${wanted.metadata.name}: `)
  })
})

test('the pods of an earlier, broken version do not count against the mended one', async () => {
  await failureOf(workload(D, 'mended', { simulate: 'crash' }), far)
  await applySet(client, setOf('wait-mended', [workload(D, 'mended')]))
})

test('a claim of a class that binds on first use is ready as long as nobody uses it', async () => {
  const storageClass = object('StorageClass storage.k8s.io/v1', 'wait-test-first-use', {
    provisioner: 'kubernetes.io/no-provisioner',
    volumeBindingMode: 'WaitForFirstConsumer',
  })
  const claim = object('PersistentVolumeClaim', `${namespace}/later`, {
    spec: {
      storageClassName: 'wait-test-first-use',
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
    },
  })
  await applySet(client, setOf('first-use', [storageClass, claim]))
  const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'later' } }]
  await client.apply(workload(D, 'user', { pod: { volumes } }))
  await kubectl(['-n', namespace, 'wait', '--for=create', 'pod', '-l', 'app=user', '--timeout=30s'])
  const step = await planOf(client, setOf('first-use', [storageClass, claim]))
  await expect(runStep(step, { seconds: 3 })).rejects.toThrow('is not ready: not bound to a volume')
  await client.remove(refOf(storageClass))
})

test('an object that is unchanged but not ready is noticed by a second run', async () => {
  await applySet(client, setOf('noticed', [workload(D, 'noticed')]))
  await client.apply(workload(D, 'noticed', { simulate: 'unready' }), { fieldManager: 'somebody' })
  const step = await planOf(client, setOf('noticed', [workload(D, 'noticed')]))
  expect(step.waves).toEqual([])
  await expect(runStep(step, { seconds: 3 })).rejects.toThrow('Deployment wait-test/noticed is not ready')
})

test('many that wait for objects of one kind share one list and one watch', async () => {
  const names = Array.from({ length: 10 }, (_, at) => `shared-${at}`)
  const pod = (name: string) => {
    const { metadata, spec } = podTemplate(name, { simulate: 'unready' })
    return object('Pod', `${namespace}/${name}`, { metadata, spec })
  }
  await Promise.all(names.map((name) => client.apply(pod(name))))
  const before = client.counts.reads
  const waiter = createWaiter(client)
  const stop = new AbortController()
  const said = new Set<string>()
  const progress = { say: (text: string) => void said.add(text.split(':')[0]!), signal: stop.signal }
  const waits = names.map((name) => waiter.ready({ ref: refOf(pod(name)) }, progress))
  const ended = Promise.allSettled(waits)
  await expect.poll(() => said.size, { timeout: 20_000 }).toBe(10)
  expect(client.counts.reads - before).toBe(2)
  stop.abort()
  expect((await ended).every(({ status }) => status === 'rejected')).toBe(true)
})
