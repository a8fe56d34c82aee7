import { expect, test } from 'vitest'
import { prepareResources } from '../../tasks/lib/node/prepare.ts'
import { runTasks, temporaryFolder } from '../support/cli.ts'
import { testConfig } from '../support/config.ts'
import { planFor } from '../support/machines.ts'

const node = { name: 'kube1.example.com', roles: [], labels: {}, taints: [], volumes: [] }
const clean = 'audit 0\nupdates 0\n'

function resources(cluster: Parameters<typeof testConfig>[1], remoteVolumes = false) {
  return prepareResources(node, testConfig('/nowhere', cluster), { remoteVolumes })
}

test('a machine gets what Kubernetes and encrypted volumes need, no more', () => {
  expect(resources({}).map(({ target }) => target)).toEqual([
    'packages',
    'file /etc/modules-load.d/metaltasks.conf',
    'kernel modules',
    'file /etc/sysctl.d/99-tasks.conf',
    'kernel parameters',
    'swap',
  ])
  expect(planFor(resources({})[0]!, clean)[0]!.after!.map((line) => line.split(' ')[0])).toEqual([
    ...[
      'conntrack',
      'ethtool',
      'iptables',
      'socat',
      'cryptsetup',
      'e2fsprogs',
      'lvm2',
      'xfsprogs',
      'kmod',
      'openssl',
      'procps',
    ],
  ])
})

test('what the configuration adds is there, each thing once', () => {
  const system = {
    packages: ['tree', 'lvm2'],
    modules: ['nf_conntrack', 'overlay'],
    sysctl: { 'net.ipv4.ip_forward': '0' },
  }
  const [packages, modules, , parameters] = resources({ system, unlock: 'tang' }, true)
  const added = planFor(packages!, clean)[0]!.after!.map((line) => line.split(' ')[0])
  expect(added.slice(11)).toEqual(['clevis', 'clevis-luks', 'nfs-common', 'tree'])
  expect(planFor(modules!, 'absent\n')[0]!.after!.slice(1)).toEqual([
    'overlay',
    'br_netfilter',
    'dm_crypt',
    'nf_conntrack',
  ])
  expect(planFor(parameters!, 'absent\n')[0]!.after).toContain('net.ipv4.ip_forward = 0')
})

test('tasks node:prepare in the sandbox says that nothing stands behind the nodes, and ends well', async () => {
  const cwd = temporaryFolder({ '.env': 'DOMAIN=example.com\n' })
  const { stdout, stderr, exitCode } = await runTasks(['node:prepare', 'kube1', '--dry-run'], { cwd })
  expect(stderr).toContain('note: simulated: no machine stands behind kube1')
  expect(stdout).toBe('plan for simulated machines of cluster home\nnothing to do\n')
  expect(exitCode).toBe(0)
})

test('A02 tasks node:prepare names a machine that cannot be reached, and fails', async () => {
  const cwd = temporaryFolder({
    'cluster.yaml':
      'name: home\nnodes:\n  - { name: kube1, address: 127.0.0.1, port: 1, roles: [control-plane, worker] }\n',
  })
  const plan = await runTasks(['node:prepare', '--dry-run'], { cwd })
  expect(plan.stdout).toBe('plan for machines of cluster home\nnothing is known of kube1\n')
  expect(plan.exitCode).toBe(1)
  const { stderr, exitCode } = await runTasks(['node:prepare', '--yes'], { cwd })
  expect(stderr.split('\n').filter((line) => line.startsWith('error:'))).toEqual([
    'error: kube1: nobody listens at 127.0.0.1 port 1',
  ])
  expect(stderr).toContain('nothing was changed: nothing is known of kube1\n')
  expect(exitCode).toBe(1)
})
