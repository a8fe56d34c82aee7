import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { type ApiClient, connect } from '../../tasks/lib/api/client.ts'
import { refusedByStricter, stricterFindings } from '../../tasks/lib/kubernetes/pod-security/stricter.ts'
import { object } from '../support/objects.ts'

const { kubeconfig } = inject('sandbox')
const levels = { enforce: 'baseline', exempt: ['kube-system'] } as const
const names = ['ps-open', 'ps-plain', 'ps-empty']
let client: ApiClient

function pod(name: string, spec: object) {
  return object('Pod', name, { spec: { containers: [{ name: 'app', image: 'app:1' }], ...spec } })
}

beforeAll(async () => {
  client = await connect(kubeconfig)
  const label = { 'pod-security.kubernetes.io/enforce': 'privileged' }
  await client.apply(object('Namespace', 'ps-open', { metadata: { labels: label } }))
  await client.apply(object('Namespace', 'ps-plain'))
  await client.apply(object('Namespace', 'ps-empty'))
  await client.apply(pod('ps-open/host', { hostNetwork: true }))
  await client.apply(pod('ps-plain/web', {}))
})

afterAll(async () => {
  for (const name of names) await client.remove({ apiVersion: 'v1', kind: 'Namespace', name })
  client.close()
})

test('the server says what the next stricter level would refuse of what runs, and nothing is changed', async () => {
  const before = client.counts.writes
  const refused = await refusedByStricter(client, { ...levels, exempt: [...levels.exempt] })
  const own = refused!.filter(({ namespace }) => names.includes(namespace))
  expect(own).toEqual([
    { namespace: 'ps-empty', level: 'baseline', stricter: 'restricted', pods: [] },
    { namespace: 'ps-open', level: 'privileged', stricter: 'baseline', pods: ['host: host namespaces'] },
    {
      namespace: 'ps-plain',
      level: 'baseline',
      stricter: 'restricted',
      pods: [expect.stringMatching(/^web: allowPrivilegeEscalation != false, unrestricted capabilities/)],
    },
  ])
  expect(refused!.map(({ namespace }) => namespace)).not.toContain('kube-system')
  expect(client.counts.writes).toBe(before)
  const labels = await client.get({ apiVersion: 'v1', kind: 'Namespace', name: 'ps-plain' })
  expect(labels?.metadata.labels).not.toHaveProperty('pod-security.kubernetes.io/enforce')
  const said = stricterFindings(own).map(({ message }) => message)
  expect(said[0]).toBe('pod security: restricted would refuse nothing that runs in ps-empty')
  expect(said[1]).toBe('pod security: in ps-open, baseline would refuse host: host namespaces')
  expect([...client.warnings].join()).not.toContain('existing pods')
})

test('F03 a pod with a folder of its node is refused in a fresh namespace, and let in where the namespace is privileged', async () => {
  const volumes = [{ name: 'host', hostPath: { path: '/etc' } }]
  await expect(client.apply(pod('ps-empty/host', { volumes }))).rejects.toThrow(
    /violates PodSecurity "baseline:v1\.\d+": hostPath volumes \(volume "host"\)/,
  )
  await client.apply(pod('ps-open/folder', { volumes }))
})
