import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { TaskError } from '../../tasks/lib/cli/errors.ts'
import { findingText } from '../../tasks/lib/cli/terminal/finding-text.ts'
import { loadConfig } from '../../tasks/lib/config/config.ts'
import { moveIn } from '../../tasks/lib/config/moving-in/moving-in.ts'
import { temporaryFolder, writeFiles } from '../support/cli.ts'

const makefile = { 'k8s/Makefile.vars': 'export DOMAIN = a.example\n' }
const hosts = { 'ansible/hosts': '[k8s_cplane]\nkube1\n' }
const variables = (text: string) => ({ ...makefile, ...hosts, 'ansible/group_vars/all.yml': text })
const volume = (lines: string) => variables(`luks_volumes:\n  data:\n${lines}`)
const inventory = (text: string) => ({ ...makefile, 'ansible/hosts': text })
const make = (text: string) => ({ ...hosts, 'k8s/Makefile.vars': text })

/** What is said of each file that is not understood: where, what, and what to do. */
test.each<[string, Record<string, string>, string, string]>([
  [
    'a size in extents',
    volume('    { size: 100%FREE, path: /data, vg: vg0 }'),
    'ansible/group_vars/all.yml:3: luks_volumes.data.size is "100%FREE", which only the machine can tell',
    'see the real size with lvs --units m, and write it into cluster.yaml',
  ],
  [
    'a size that adds',
    volume('    { size: +10G, path: /data, vg: vg0 }'),
    'ansible/group_vars/all.yml:3: luks_volumes.data.size is "+10G", which only the machine can tell',
    'lvs --units m',
  ],
  [
    'a size that the header fills',
    volume('    { size: 16, path: /data, vg: vg0 }'),
    'ansible/group_vars/all.yml:3: luks_volumes.data.size is 16Mi, which the header of LUKS fills',
    'write it into cluster.yaml, at the volumes of kube1',
  ],
  [
    'a volume without a group',
    volume('    size: 100\n    path: /data'),
    'ansible/group_vars/all.yml:2: luks_volumes.data.vg is missing',
    'write it into cluster.yaml, at the volumes of kube1',
  ],
  [
    'a volume that says nothing',
    volume('    # later'),
    'ansible/group_vars/all.yml:2: luks_volumes.data is empty: it is left out',
    'at the volumes of kube1',
  ],
  [
    'a file system that metaltasks does not make',
    volume('    { size: 100, path: /data, vg: vg0, type: btrfs }'),
    'ansible/group_vars/all.yml:3: luks_volumes.data.type is btrfs, expected ext4 or xfs',
    'write it into cluster.yaml',
  ],
  [
    'a path that is none',
    volume('    { size: 100, path: data, vg: vg0 }'),
    'ansible/group_vars/all.yml:3: luks_volumes.data.path is "data", expected an absolute path',
    'write it into cluster.yaml',
  ],
  [
    'a key that the playbook never looked at',
    volume('    { size: 100, path: /data, vg: vg0, sise: 5 }'),
    'ansible/group_vars/all.yml:3: luks_volumes.data.sise is nothing that the old playbook looks at',
    'remove it',
  ],
  [
    'a template of a fact of the machine',
    volume('    { size: 100, path: "/data/{{ ansible_fqdn }}", vg: vg0 }'),
    'ansible/group_vars/all.yml:3: luks_volumes.data.path needs ansible_fqdn, which is set nowhere here',
    'write it into cluster.yaml',
  ],
  [
    'a template of a program',
    volume(`    { size: 100, path: /data, vg: "{{ lookup('pipe', 'vgs') }}" }`),
    "ansible/group_vars/all.yml:3: luks_volumes.data.vg is worked out by \"{{ lookup ( 'pipe' , 'vgs' ) }}\"",
    'write it into cluster.yaml',
  ],
  [
    'a template that goes round in circles',
    variables('a: "{{ b }}"\nb: "{{ a }}"\nluks_volumes: "{{ a }}"\n'),
    'refers to itself',
    "write the node's volumes into cluster.yaml",
  ],
  [
    'a value in the vault',
    volume('    size: 100\n    path: /data\n    vg: !vault |\n      $ANSIBLE_VAULT;1.1;AES256\n      6162'),
    'ansible/group_vars/all.yml:5: luks_volumes.data.vg is encrypted with ansible-vault',
    'write it into cluster.yaml',
  ],
  [
    'a file in the vault',
    variables('$ANSIBLE_VAULT;1.1;AES256\n6162\n'),
    'ansible/group_vars/all.yml: the whole file is encrypted with ansible-vault',
    'ansible-vault view ansible/group_vars/all.yml',
  ],
  [
    'swap',
    variables('swap_vol_additions: { enabled: true }\n'),
    'ansible/group_vars/all.yml:1: swap_vol_additions is not taken over',
    'nodes run without swap',
  ],
  [
    'a version before all that are supported',
    variables('k8s_override: { version: 1.28.2 }\n'),
    'ansible/group_vars/all.yml:1: k8s.version is 1.28.2',
    'one minor version at a time',
  ],
  [
    'two folders for local volumes',
    {
      ...variables('k8s_override: { local_vols: /one }\n'),
      'k8s/Makefile.vars': 'export K8S_VOLUMES_PATH = /other\n',
    },
    'k8s.local_vols is /one, but K8S_VOLUMES_PATH is /other',
    'set volumes.path to it',
  ],
  [
    'a password of the inventory',
    inventory('[k8s_cplane]\nkube1 ansible_ssh_pass=hunter2hunter2\n'),
    'ansible/hosts:2: ansible_ssh_pass is a password in plain text: it is not taken over',
    'metaltasks logs in with keys',
  ],
  [
    'a host that is reached under another name',
    inventory('[k8s_cplane]\nkube1 ansible_host=gate.example\n'),
    'ansible/hosts:2: kube1 is reached as gate.example, which is no address',
    '~/.ssh/config',
  ],
  [
    'SSH options',
    inventory('[k8s_cplane]\nkube1 ansible_ssh_common_args="-o Ciphers=aes128-ctr"\n'),
    'ansible/hosts:2: ansible_ssh_common_args has SSH options that are not taken over',
    '~/.ssh/config',
  ],
  [
    'a host name in capitals',
    inventory('[k8s_cplane]\nKube1\nkube2\n'),
    'ansible/hosts:2: the host "Kube1" is left out',
    'write kube1 into cluster.yaml',
  ],
  [
    'groups of another name',
    inventory('[k8s_node]\nkube1\n'),
    'no inventory has a host in the groups k8s_cplane, k8s_master or k8s_nodes',
    'did you mean k8s_node?',
  ],
  [
    'a key server for each host',
    {
      ...inventory('[k8s_cplane]\nkube1\nkube2\n'),
      'ansible/group_vars/all.yml': 'luks_volumes: { data: { size: 100, path: /data, vg: vg0 } }\n',
      'ansible/host_vars/kube1.yml': 'masterkey: { host: one, path: /masterlock }\n',
      'ansible/host_vars/kube2.yml': 'masterkey: { host: two, path: /masterlock }\n',
    },
    'hosts have different key servers, one:/masterlock and two:/masterlock: the first is taken',
    'move the keys of the others to it',
  ],
  [
    'a variable of a program',
    make('export IP = $(shell hostname -I)\n'),
    'k8s/Makefile.vars:1: IP is what a command prints',
    'write what it gives into .env: IP=…',
  ],
  [
    'a variable that make works out',
    make('export LIST = $(addprefix a-,b c)\n'),
    "k8s/Makefile.vars:1: LIST is worked out by make's addprefix",
    'write what it gives into .env: LIST=…',
  ],
  [
    'a variable that refers to itself',
    make('export A = $(B)\nexport B = $(A)\n'),
    'k8s/Makefile.vars:1: A refers to itself by way of A',
    'A=…',
  ],
  [
    'a variable under a condition',
    make('ifdef X\nexport A = 1\nendif\n'),
    'k8s/Makefile.vars:2: A is set under a condition, which only make can tell',
    'set A in .env if it counts',
  ],
  [
    'a secret in the Makefile',
    make('export ENCRYPTION_KEY = 0123456789abcdef\n'),
    'k8s/Makefile.vars:1: ENCRYPTION_KEY is a secret in plain text: it is not taken over',
    'tasks secrets:new',
  ],
  [
    'an include that is gone',
    { ...hosts, 'k8s/Makefile': 'include Makefile.mine\n' },
    'k8s/Makefile:1: the Makefile includes Makefile.mine, which is not there',
    'restore Makefile.mine',
  ],
  [
    'a value of the wrong form',
    make('export TZ = Mars/Olympus\n'),
    'k8s/Makefile.vars:1: TZ is "Mars/Olympus", expected a name of the time zone database',
    'set TZ in .env',
  ],
  [
    'a pool of the wrong form',
    make('export POOL_SIZE_SMALL = many\n'),
    'k8s/Makefile.vars:1: POOL_SIZE_SMALL is "many", expected a size',
    'write it into cluster.yaml',
  ],
  [
    'nodes that the inventory does not have',
    { ...hosts, 'k8s/Makefile.vars': 'export K8S_NODES = kube1 kube8\nexport NODES = $(K8S_NODES)\n' },
    'k8s/Makefile.vars:1: K8S_NODES names kube8, which no group of the inventory has',
    'did you mean kube1?',
  ],
])('%s is said, and the rest is taken over', async (_case, files, said, hint) => {
  const { findings, ...moved } = moveIn(temporaryFolder(files), { environment: {} })
  const texts = findings.map((finding) => findingText({ ...finding, severity: 'warning' }))
  const found = texts.filter((text) => text.includes(said))
  expect(found, texts.join('\n')).toHaveLength(1)
  expect(found[0]).toContain(hint)
  expect(texts.join()).not.toMatch(/hunter2|0123456789abcdef|6162/)
  await expectToLoad(moved.files)
})

describe('nothing is written for', () => {
  test.each<[string, Record<string, string>, string]>([
    [
      'a half-written inventory',
      inventory('[k8s_cplane\nkube1\n'),
      'ansible/hosts:1: "[k8s_cplane" begins no group',
    ],
    [
      'a range that is none',
      inventory('[k8s_nodes]\nkube[3:1]\n'),
      'ansible/hosts:2: "kube[3:1]" is no host and no range',
    ],
    [
      'a variable without a value',
      inventory('[k8s_nodes]\nkube1 vg01\n'),
      'ansible/hosts:2: "vg01" is not NAME=value',
    ],
    ['a half-written list', variables('luks_volumes: { data:\n'), 'this is no whole YAML file'],
    [
      'a file without names',
      variables('just text\n'),
      'ansible/group_vars/all.yml: this file holds no variables',
    ],
  ])('%s', (_case, files, said) => {
    expect(messageOf(() => moveIn(temporaryFolder(files), { environment: {} }))).toContain(said)
  })

  test('a folder that is not there, and a slip gets a question', () => {
    const parent = temporaryFolder({ 'docker-tools/k8s/Makefile.vars': '' })
    const said = messageOf(() => moveIn(join(parent, 'docker-tool'), { environment: {} }))
    expect(said).toContain('there is no such folder')
    expect(said).toContain(`did you mean ${join(parent, 'docker-tools')}?`)
  })

  test('a folder that holds something else', () => {
    const said = messageOf(() => moveIn(temporaryFolder({ 'README.md': '' }), { environment: {} }))
    expect(said).toContain('neither k8s/Makefile.vars nor ansible/ is in it')
  })

  test('one of the two folders of the toolkit', () => {
    const parent = temporaryFolder({ 'k8s/Makefile.vars': '' })
    const said = messageOf(() => moveIn(join(parent, 'k8s'), { environment: {} }))
    expect(said).toContain(`did you mean ${parent}?`)
  })
})

test('an inventory in a private repository that is not checked out is said, with its place', () => {
  const folder = temporaryFolder(makefile)
  mkdirSync(join(folder, 'ansible'))
  symlinkSync('../admin/ansible/hosts', join(folder, 'ansible/hosts'))
  const { findings } = moveIn(folder, { environment: {} })
  expect(findings[0]!.message).toContain('ansible/hosts points to ../admin/ansible/hosts, which is not there')
  expect(findings[0]!.hint).toContain(join(folder, 'admin/ansible/hosts'))
})

async function expectToLoad(files: { name: string; text: string }[]): Promise<void> {
  const project = temporaryFolder()
  writeFiles(project, Object.fromEntries(files.map(({ name, text }) => [name, text])))
  const config = await loadConfig(project, { environment: {} })
  expect(config.findings.filter(({ severity }) => severity === 'error')).toEqual([])
}

function messageOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof TaskError) return error.findings.map((finding) => findingText(finding)).join('\n')
    throw error
  }
  throw new Error('nothing was thrown')
}
