import { expect, test } from 'vitest'
import { manifestNames, nodeNames } from '../../tasks/lib/cli/commands/names.ts'
import { temporaryFolder } from '../support/cli.ts'

test('manifest names are those of the files, without folders and other files', () => {
  const root = temporaryFolder({
    'manifests/web.yaml': '',
    'manifests/db.yml': '',
    'manifests/README.md': '',
    'manifests/imports/calico.yaml': '',
  })
  const names = manifestNames(root)
  expect(names).toEqual(expect.arrayContaining(['db', 'web']))
  expect(names).not.toContain('calico')
  expect(names).not.toContain('README')
})

test.each<[string, Record<string, string>, string[]]>([
  [
    'K8S_NODES in .env',
    { '.env': 'DOMAIN=x.org\nK8S_NODES="kube1.$DOMAIN kube2.$DOMAIN"\n' },
    ['kube1', 'kube2'],
  ],
  ['K8S_NODES with commas and a comment', { '.env': 'export K8S_NODES=a.x.org,b # two' }, ['a', 'b']],
  ['.env.local before .env', { '.env': 'K8S_NODES=a', '.env.local': 'K8S_NODES=b' }, ['b']],
  [
    'cluster.yaml',
    {
      'cluster.yaml':
        'name: home\nnodes:\n  - name: kube1\n    volumes:\n      - name: data\n  - address: 10.0.0.2\n    name: "kube2"\nnetwork:\n  name: x\n',
    },
    ['kube1', 'kube2'],
  ],
  [
    'cluster.yaml in flow form',
    { 'cluster.yaml': 'nodes:\n- { name: a, roles: [worker] }\n- {name: "b"}\n' },
    ['a', 'b'],
  ],
  [
    'nodes indented by nothing',
    { 'cluster.yaml': 'nodes:\n# first\n- name: a\n\n- name: b\nname: home\n' },
    ['a', 'b'],
  ],
  ['both', { '.env': 'K8S_NODES=a', 'cluster.yaml': 'nodes:\n  - name: b\n' }, ['a', 'b']],
  ['a half-written file', { 'cluster.yaml': 'nodes:\n  - name: \n  - na' }, []],
  ['no file', {}, []],
])('node names come from %s', (_, files, expected) => {
  expect(nodeNames(temporaryFolder(files), {})).toEqual(expected)
})

test('K8S_NODES in the environment wins', () => {
  expect(nodeNames(temporaryFolder({ '.env': 'K8S_NODES=a' }), { K8S_NODES: 'c.x.org' })).toEqual(['c'])
})
