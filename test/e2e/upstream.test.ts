import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, type TestContext, test } from 'vitest'
import { namedSets } from '../../tasks/lib/addons/sets.ts'
import { type ApiClient, connect } from '../../tasks/lib/api/client.ts'
import { planDelete } from '../../tasks/lib/api/delete.ts'
import { planSets } from '../../tasks/lib/api/plan.ts'
import { refOf } from '../../tasks/lib/api/resource.ts'
import type { ObjectSet } from '../../tasks/lib/api/run.ts'
import type { Change } from '../../tasks/lib/cli/change.ts'
import { TaskError } from '../../tasks/lib/cli/errors.ts'
import { packageRoot } from '../../tasks/lib/cli/root.ts'
import { transientReason } from '../../tasks/lib/sandbox/transient.ts'
import { testConfig } from '../support/config.ts'
import { blockedBy, changesOf, runStep } from '../support/sets.ts'

// Third-party manifests as they are published. They lie beside a checkout, not in it.
const upstream = join(packageRoot(), '..', 'shared', 'upstream')
const isThere = existsSync(upstream)
const { kubeconfig } = inject('sandbox')
const signal = new AbortController().signal

async function loaded(name: string, paths: string[]): Promise<ObjectSet> {
  const config = testConfig(packageRoot())
  const asked = paths.map((path) => join(upstream, path))
  const { sets } = await namedSets(asked, { config, packageRoot: packageRoot(), set: name })
  return sets[0]!
}

/** Tests run side by side, mostly waiting for namespaces to go: each counts the writes of a connection of its own. */
async function connected({ onTestFinished }: TestContext): Promise<ApiClient> {
  const client = await connect(kubeconfig)
  onTestFinished(() => client.close())
  return client
}

async function planned(client: ApiClient, set: ObjectSet) {
  const [step] = await planSets(client, [set], { signal, simulated: true, transient: transientReason })
  return step!
}

interface Case {
  name: string
  paths: string[]
  objects: number
  /** What cannot become ready in a namespace without a Pod Security label, and is to be told so. */
  refused?: string
}

const cases: Case[] = [
  { name: 'cert-manager', paths: ['cert-manager'], objects: 6 },
  { name: 'csi-driver-nfs', paths: ['csi-driver-nfs'], objects: 20 },
  { name: 'flannel', paths: ['flannel'], objects: 6 },
  { name: 'gateway-api', paths: ['gateway-api'], objects: 12 },
  { name: 'headlamp', paths: ['headlamp'], objects: 3 },
  { name: 'ingress-nginx', paths: ['ingress-nginx'], objects: 19 },
  {
    name: 'kube-prometheus',
    paths: ['kube-prometheus'],
    objects: 131,
    refused: 'DaemonSet monitoring/node-exporter',
  },
  { name: 'kube-vip', paths: ['kube-vip/docs/manifests/kube-vip-arp.yaml'], objects: 4 },
  { name: 'local-path-provisioner', paths: ['local-path-provisioner'], objects: 9 },
  { name: 'metallb', paths: ['metallb'], objects: 26 },
]

describe.skipIf(!isThere)('a published set (skipped where ../shared/upstream is missing)', () => {
  for (const { name, paths, objects, refused } of cases) {
    test(`${name} is applied in one run, again without a write, and taken away`, {
      timeout: 300_000,
      concurrent: true,
    }, async (context) => {
      const client = await connected(context)
      const set = await loaded(name, paths)
      expect(set.objects).toHaveLength(objects)
      await runWaves(await planned(client, set), refused)
      await settled(client, set)

      const writes = client.counts.writes
      const again = await planned(client, set)
      expect(blockedBy(again)).toEqual([])
      expect(changesOf(again).map(({ title }) => title)).toEqual([])
      expect(client.counts.writes).toBe(writes)

      const flags = { includeCrds: true, includeNamespaces: true }
      await runStep(await planDelete(client, { name }, { signal, ...flags }), { seconds: 120 })
      const left = await Promise.all(set.objects.map(({ object }) => client.get(refOf(object))))
      expect(left.filter(Boolean)).toEqual([])
      expect((await planDelete(client, { name }, { signal, ...flags })).waves).toEqual([])
    })
  }

  test('that needs its kustomization is refused before anything is sent, and the error says so', async () => {
    const error = await loaded('metrics-server', ['metrics-server']).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(TaskError)
    const text = (error as TaskError).findings.map(({ message, hint }) => `${message} ${hint}`).join('\n')
    expect(text).toContain('kustomiz')
  })

  test('that holds an object twice is refused before anything is sent', async () => {
    await expect(loaded('nginx-gateway-fabric', ['nginx-gateway-fabric'])).rejects.toBeInstanceOf(TaskError)
  })

  test('of which one part needs kinds of another is applied with that in one run', {
    timeout: 300_000,
  }, async (context) => {
    const client = await connected(context)
    const paths = ['gateway-api', 'nginx-gateway-fabric/crds.yaml', 'nginx-gateway-fabric/default']
    const set = await loaded('gateway', paths)
    await runWaves(await planned(client, set))
    expect(changesOf(await planned(client, set))).toEqual([])
    const flags = { includeCrds: true, includeNamespaces: true }
    await runStep(await planDelete(client, { name: 'gateway' }, { signal, ...flags }), { seconds: 120 })
  })
})

/** Applies and waits; what Pod Security refuses has to fail for that reason, and nothing else may. */
async function runWaves(step: Awaited<ReturnType<typeof planned>>, refused?: string): Promise<void> {
  const others: Change[] = []
  for (const change of changesOf(step)) if (change.target !== refused) others.push(change)
  const only = step.waves.map((wave) => ({
    ...wave,
    changes: wave.changes.filter((change) => others.includes(change)),
  }))
  await runStep({ ...step, waves: only }, { seconds: 200 })
  const change = changesOf(step).find(({ target }) => target === refused)
  if (!change) return
  const progress = { say: () => {}, signal: AbortSignal.timeout(60_000) }
  await change.run(progress)
  await expect(change.verify(progress)).rejects.toThrow(/violates PodSecurity "baseline/)
}

/** Jobs that clean up after themselves are gone. */
async function settled(client: ApiClient, { objects }: ObjectSet): Promise<void> {
  const jobs = objects.filter(({ object }) => object.kind === 'Job')
  for (const { object } of jobs)
    await expect.poll(() => client.get(refOf(object)), { timeout: 30_000 }).toBeUndefined()
}
