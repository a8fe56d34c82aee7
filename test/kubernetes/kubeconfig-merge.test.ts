import { describe, expect, test } from 'vitest'
import { mergeKubeconfig, type WantedEntry } from '../../tasks/lib/kubernetes/kubeconfig/kubeconfig-merge.ts'

const entries: WantedEntry[] = [
  { list: 'clusters', name: 'home', fields: { server: 'https://10.0.0.1:6443' } },
  { list: 'users', name: 'home-worker', fields: { token: '0123' } },
  { list: 'contexts', name: 'worker', fields: { cluster: 'home', namespace: 'on', user: 'home-worker' } },
]

const added = `clusters:
  - cluster:
      server: https://10.0.0.1:6443
    name: home
users:
  - user:
      token: "0123"
    name: home-worker
contexts:
  - context:
      cluster: home
      namespace: "on"
      user: home-worker
    name: worker
`

const cases: [name: string, before: string, after: string][] = [
  ['no file', '', `apiVersion: v1\nkind: Config\n${added}current-context: worker\n`],
  [
    'the empty lists that kubectl writes',
    'apiVersion: v1\nclusters: []\ncontexts: []\ncurrent-context: ""\nkind: Config\nusers: []\n',
    `apiVersion: v1
clusters:
  - cluster:
      server: https://10.0.0.1:6443
    name: home
contexts:
  - context:
      cluster: home
      namespace: "on"
      user: home-worker
    name: worker
current-context: worker
kind: Config
users:
  - user:
      token: "0123"
    name: home-worker
`,
  ],
  [
    'entries of another cluster, with comments and odd spellings',
    `# mine
clusters:
  - name: work # the other one
    cluster: { server: "https://work:6443", insecure-skip-tls-verify: yes }
users:
  - name: me
    user: { token: 0777 }
contexts:
  - name: work
    context: { cluster: work, user: me }
current-context: work
preferences: {}
`,
    `# mine
clusters:
  - name: work # the other one
    cluster: { server: "https://work:6443", insecure-skip-tls-verify: yes }
  - cluster:
      server: https://10.0.0.1:6443
    name: home
users:
  - name: me
    user: { token: 0777 }
  - user:
      token: "0123"
    name: home-worker
contexts:
  - name: work
    context: { cluster: work, user: me }
  - context:
      cluster: home
      namespace: "on"
      user: home-worker
    name: worker
current-context: work
preferences: {}
`,
  ],
  [
    'an older login of ours',
    `clusters:
  - name: home
    cluster: { server: "https://10.0.0.9:6443" }
users:
  - name: home-worker
    user:
      client-key-data: old
      token: old
contexts:
  - name: worker
    context: { cluster: home, user: someone }
current-context: worker
`,
    `clusters:
  - name: home
    cluster:
      server: https://10.0.0.1:6443
users:
  - name: home-worker
    user:
      token: "0123"
contexts:
  - name: worker
    context:
      cluster: home
      namespace: "on"
      user: home-worker
current-context: worker
`,
  ],
]

describe('contexts are written into', () => {
  test.each(cases)('%s', (_, before, after) => {
    const merged = mergeKubeconfig(before, { entries, currentContext: 'worker' })
    expect(merged).toBe(after)
    expect(mergeKubeconfig(merged, { entries, currentContext: 'worker' })).toBe(merged)
  })
})

test('a name that YAML could take for something else is quoted', () => {
  const names = ['1', 'yes', 'N', 'null', 'a:', '~', 'a b', 'x#y', '- a', 'plain-name', 'LS0t+/==']
  const text = mergeKubeconfig('', {
    entries: names.map((name) => ({ list: 'users', name, fields: { on: true } })),
    currentContext: 'x',
  })
  const written = [...text.matchAll(/name: (.*)/g)].map(([, name]) => name)
  expect(written).toEqual([
    ...names.slice(0, 9).map((name) => JSON.stringify(name)),
    'plain-name',
    'LS0t+/==',
  ])
})
