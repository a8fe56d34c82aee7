import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readAnsible } from '../../tasks/lib/config/moving-in/ansible/ansible.ts'
import { hostsOfRange } from '../../tasks/lib/config/moving-in/ansible/host-range.ts'
import { hostScope } from '../../tasks/lib/config/moving-in/ansible/host-scope.ts'
import { resolveTemplate } from '../../tasks/lib/config/moving-in/ansible/jinja.ts'
import { type Placed, settingsOf } from '../../tasks/lib/config/moving-in/ansible/placed.ts'
import { readAnsibleYaml } from '../../tasks/lib/config/moving-in/ansible/yaml-values.ts'
import { openCheckout } from '../../tasks/lib/config/moving-in/checkout.ts'
import { quantityOfLvmSize } from '../../tasks/lib/config/moving-in/lvm-size.ts'
import { moveIn } from '../../tasks/lib/config/moving-in/moving-in.ts'
import { temporaryFolder } from '../support/cli.ts'

test.each([
  ['100', '100Mi'],
  ['64g', '64Gi'],
  ['100G', '100Gi'],
  ['512m', '512Mi'],
  ['1.5T', '1.5Ti'],
  ['007k', '7Ki'],
  ['8388608s', '4Gi'],
  ['1000b', '1000'],
  ['2P', '2Pi'],
  ['50%VG', undefined],
  ['100%FREE', undefined],
  ['+1G', undefined],
  ['-1G', undefined],
  ['10x', undefined],
  ['', undefined],
])('lvcreate makes of %s a volume of %s', (size, quantity) => {
  expect(quantityOfLvmSize(size)).toBe(quantity)
})

test.each([
  ['kube1', ['kube1']],
  ['kube[1:3].lan', ['kube1.lan', 'kube2.lan', 'kube3.lan']],
  ['n[08:10]', ['n08', 'n09', 'n10']],
  ['db[a:c]', ['dba', 'dbb', 'dbc']],
  ['r[1:2]n[1:9:4]', ['r1n1', 'r1n5', 'r1n9', 'r2n1', 'r2n5', 'r2n9']],
  ['kube[3:1]', undefined],
  ['kube[1:', undefined],
  ['kube[1:2:0]', undefined],
  ['kube[0:100000]', undefined],
])('the inventory means by %s %j', (pattern, hosts) => {
  expect(hostsOfRange(pattern)).toEqual(hosts)
})

test.each([
  ['{{ vg }}', 'vg01'],
  ['/srv/{{ vg }}/{{ disks[0] }}', '/srv/vg01/sda'],
  ["{{ nothing | default('other') }}", 'other'],
  ["{{ empty | default('other', true) }}", 'other'],
  ["{{ disk['fast'] ~ '-' ~ vg }}", 'nvme0-vg01'],
  ['{{ disk.fast | upper }}', 'NVME0'],
  ['{{ (disk | combine(more)).slow }}', 'sdb'],
  ['{{ indirect }}', 'vg01'],
  ['{{ disks | last }}', 'sdz'],
  ['{# why #}{{ vg }}', 'vg01'],
  ['{{ size | int }}', 64],
])('Jinja makes of %s %j', (template, value) => {
  const { root } = readAnsibleYaml(
    'vg: vg01\nempty: ""\nsize: "64"\ndisks: [sda, sdz]\ndisk: {fast: nvme0}\nmore: {slow: sdb}\nindirect: "{{ vg }}"\n',
    'all.yml',
  )
  const scope = { variable: (name: string) => settingsOf(root)!.get(name) }
  expect(resolveTemplate({ place: { file: 'x' }, content: template }, scope).content).toBe(value)
})

test.each([
  ['yes', true],
  ['010', 8],
  ['"010"', '010'],
  ['1:30', 90],
  ['2020-01-01', '2020-01-01'],
  ['~', null],
])('Ansible reads %s as %j', (text, value) => {
  expect(settingsOf(readAnsibleYaml(`a: 1\na: ${text}\n`, 'all.yml').root)!.get('a')!.content).toBe(value)
})

test.each([
  ['A ?= 1\nA ?= 2', 'A=1'],
  ['A ?= 1\nA = 2', 'A=2'],
  ['A = 1\nA += 2', "A='1 2'"],
  ['A = x # why', 'A=x'],
  ['A = x\\#y', "A='x#y'"],
  ['A = 5$$', "A='5$'"],
  ['A = $(B)\nexport B = 1', 'A=$B'],
  ['A = ${B}c\nexport B = 1', 'A="${B}c"'],
  ['A = $(B)\nB = 1', 'A=1'],
  ['A = [$(C)]', "A='[]'"],
  ['A = $(B) costs 5$$\nexport B = 1', 'A="$B costs 5\\$"'],
  ['A = one \\\n  two', "A='one two'"],
  ['A = "in quotes"', "A='in quotes'"],
  [`A = it's`, `A="it's"`],
  ['A =', 'A='],
  ['A := 1', 'A=1'],
])('make understands %j as %s', (text, line) => {
  const folder = temporaryFolder({ 'k8s/Makefile.vars': `export ${text}\n` })
  const env = moveIn(folder, { environment: {} }).files[1]!.text
  expect(env.split('\n').map((one) => one.replace(/ # k8s.*$/, ''))).toContain(line)
})

const hasAnsible = (() => {
  try {
    execFileSync('ansible-inventory', ['--version'], { stdio: 'ignore', env: ansibleEnvironment() })
    return true
  } catch {
    return false
  }
})()

test.runIf(hasAnsible)('every host has the variables that Ansible itself gives it', () => {
  const folder = temporaryFolder({
    'ansible/hosts': [
      '[k8s_cplane]\nkube[1:2]:2022 own=host\n',
      '[k8s_nodes]\nkube2:2222 quoted="a b" flag=True number=5\nkube03\n',
      '[k8s:children]\nk8s_cplane\nk8s_nodes\n',
      '[top:children]\nk8s\n',
      '[all:vars]\none=all\ntwo=all\nthree=all\n[k8s:vars]\ntwo=k8s\nthree=k8s\nfour=k8s\n',
      '[k8s_nodes:vars]\nthree=nodes\nfour=nodes\nown=nodes\n[top:vars]\nfour=top\nfive=top\n',
    ].join(''),
    'ansible/group_vars/all': 'two: file-all\nsix: file-all\nseven: yes\n',
    'ansible/group_vars/k8s/a.yml': 'six: a\n',
    'ansible/group_vars/k8s/b.yml': 'six: b\neight: [1, 010]\n',
    'ansible/group_vars/k8s_nodes.yml': 'six: nodes\nown: file-nodes\n',
    'ansible/host_vars/kube03.yml': 'own: file-host\n',
  })
  const asked = execFileSync('ansible-inventory', ['-i', 'hosts', '--list'], {
    cwd: join(folder, 'ansible'),
    encoding: 'utf8',
    env: ansibleEnvironment(),
  })
  const theirs = JSON.parse(asked)._meta.hostvars
  const ansible = readAnsible(openCheckout(folder))
  const ours = [...ansible.inventory.hosts.keys()].map((host) => {
    const { written } = hostScope(ansible, host)
    return [host, Object.fromEntries([...written].map(([name, value]) => [name, plain(value)]))]
  })
  expect(Object.fromEntries(ours)).toEqual(theirs)
})

function plain({ content }: Placed): unknown {
  if (Array.isArray(content)) return content.map(plain)
  return content instanceof Map
    ? Object.fromEntries([...content].map(([key, value]) => [key, plain(value)]))
    : content
}

function ansibleEnvironment(): Record<string, string | undefined> {
  return { PATH: process.env.PATH, HOME: process.env.HOME, LC_ALL: 'C.UTF-8' }
}
