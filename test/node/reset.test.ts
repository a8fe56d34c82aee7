import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Machine } from '../../tasks/lib/node/machine.ts'
import { ask } from '../../tasks/lib/node/plan/ask.ts'
import { runAction } from '../../tasks/lib/node/plan/run-action.ts'
import { withoutEtcdMember } from '../../tasks/lib/node/reset/etcd-host.ts'
import { resetResource, stoppedResource } from '../../tasks/lib/node/reset/reset.ts'
import type { Planned, Resource } from '../../tasks/lib/node/resource.ts'
import { killedMachine } from '../support/killed-machine.ts'
import { type OwnRoot, startOwnRoot } from '../support/own-root.ts'

const reset = resetResource({ node: 'cp1', keepsEtcd: false })

// What kubeadm does to the kubelet's folder is what it has to be kept from: it deletes through every mount.
const kubeadm = `#!/bin/sh
echo "kubeadm $*" >>/var/lib/calls
rm -rf /var/lib/kubelet/* 2>/dev/null
exit 0
`
const systemctl = `#!/bin/sh
state=/var/lib/kubelet-state
case "$*" in
  *is-active*) grep -q active $state ;;
  *is-enabled*) grep -q enabled $state ;;
  "stop kubelet") sed -i /active/d $state ;;
  "disable kubelet"|"disable --now etcd.service") sed -i '/enabled/d;/active/d' $state ;;
  cat*) exit 0 ;;
  *) echo "systemctl $*" >>/var/lib/calls ;;
esac
`
const crictl = `#!/bin/sh
case "$*" in
  *" ps "*|*" pods "*) [ -e /var/lib/pods-gone ] || echo a1 ;;
  *" rmp "*) touch /var/lib/pods-gone ;;
esac
`

/** A control plane with a running pod, whose volume is elsewhere. */
const controlPlane = `
mkdir -p /etc/kubernetes/pki/etcd /etc/kubernetes/manifests /var/lib/etcd/member/wal /var/lib/kubelet/pods/u1/volumes/local/data /var/lib/data
echo key >/etc/kubernetes/pki/ca.key
echo pod >/etc/kubernetes/manifests/etcd.yaml
echo log >/var/lib/etcd/member/wal/0.wal
echo settings >/var/lib/kubelet/config.yaml
echo precious >/var/lib/data/file
mount --bind /var/lib/data /var/lib/kubelet/pods/u1/volumes/local/data
mkdir -p /var/lib/kubelet/pods/u1/volumes/projected/token && mount -t tmpfs tmpfs /var/lib/kubelet/pods/u1/volumes/projected/token
printf 'active\\nenabled\\n' >/var/lib/kubelet-state
`

let root: OwnRoot
beforeEach(setUp)
async function setUp() {
  root = await startOwnRoot('cp1')
  const program = (name: string, text: string) =>
    `printf %s '${text.replaceAll("'", "'\\''")}' >/usr/local/sbin/${name}; chmod 755 /usr/local/sbin/${name}\n`
  await root.sh(
    program('kubeadm', kubeadm) + program('systemctl', systemctl) + program('crictl', crictl) + controlPlane,
  )
}
afterEach(() => root.close())

async function planned(resource: Resource): Promise<Planned> {
  const answers = await ask(root.machine, { resources: [resource] })
  return resource.plan(answers.get(resource)!)
}

async function make(resource: Resource, machine: Machine = root.machine): Promise<string[]> {
  const { actions } = await planned(resource)
  for (const action of actions) await runAction(machine, action)
  return actions.map(({ title }) => title)
}

/** All that is there afterwards; times in names are left out. */
async function left(): Promise<string> {
  const listing = await root.sh(
    'cd / && find etc/kubernetes* var/lib/etcd* var/lib/kubelet var/lib/data -type f 2>/dev/null | sort; ' +
      'cat /var/lib/calls; findmnt -rn -o TARGET | grep /var/lib/kubelet || echo no mounts',
  )
  return listing.replace(/bak-\d{8}T\d{6}Z/g, 'bak-TIME')
}

const afterReset = [
  'etc/kubernetes.bak-TIME/manifests/etcd.yaml',
  'etc/kubernetes.bak-TIME/pki/ca.key',
  'var/lib/data/file',
  'var/lib/etcd.bak-TIME/member/wal/0.wal',
  'systemctl start containerd',
  'kubeadm reset --force --cri-socket unix:///run/containerd/containerd.sock --skip-phases remove-etcd-member',
  'no mounts',
  '',
].join('\n')

describe('a machine is reset', () => {
  test('with the data of etcd and all keys kept under another name, and volumes as they are', async () => {
    expect(await make(reset)).toEqual([
      'stop the kubelet and all pods',
      'take away what pods had mounted',
      'put the data of etcd aside',
      'put the files of Kubernetes aside',
      'reset what is left by kubeadm',
    ])
    expect(await left()).toBe(afterReset)
    expect(await root.sh('stat -c %a /etc/kubernetes.bak-*')).toBe('700\n')
    expect(await planned(reset)).toEqual({ actions: [] })
  })

  test('to the same end when it is killed before any of its commands', async () => {
    const { actions } = await planned(reset)
    const places = actions.flatMap(({ commands }, index) =>
      commands.map((_, beforeCommand) => ({ index, beforeCommand })),
    )
    expect(places.length).toBeGreaterThan(9)
    for (const { index, beforeCommand } of places) {
      await root.close()
      await setUp()
      const before = (await planned(reset)).actions
      for (const action of before.slice(0, index)) await runAction(root.machine, action)
      const killed = killedMachine(root.machine, () => ({ beforeCommand }))
      await expect(runAction(killed, before[index]!)).rejects.toThrow()
      await make(reset)
      const lines = (await left()).split('\n')
      expect([...new Set(lines)].join('\n')).toBe(afterReset)
    }
  }, 120_000)

  test('D04 but not while a volume is mounted where kubeadm would delete', async () => {
    await root.sh('mkdir /var/lib/kubelet/fast && mount --bind /var/lib/data /var/lib/kubelet/fast')
    const { actions } = await planned(reset)
    expect(actions.every(({ blocked }) => blocked !== undefined)).toBe(true)
    expect(actions[0]!.blocked!.message).toBe(
      '/var/lib/kubelet/fast is mounted below /var/lib/kubelet, where kubeadm reset deletes',
    )
  })

  test('D04 and not when that volume was mounted after the plan was made', async () => {
    const { actions } = await planned(reset)
    await root.sh('mkdir /var/lib/kubelet/fast && mount --bind /var/lib/data /var/lib/kubelet/fast')
    const [stop, unmount, , , last] = actions
    await runAction(root.machine, stop!)
    await expect(runAction(root.machine, unmount!)).rejects.toThrow('/var/lib/kubelet/fast is mounted')
    await expect(runAction(root.machine, last!)).rejects.toThrow('still mounted')
    expect(await root.sh('cat /var/lib/data/file; cat /var/lib/calls')).not.toContain('kubeadm')
  })

  test('D04 and never through the phase that deletes the data of etcd, nor that of another etcd', async () => {
    const other = resetResource({ node: 'etcd1', keepsEtcd: true })
    await root.sh('mkdir /etc/kubernetes/metaltasks && echo home up >/etc/kubernetes/metaltasks/etcd-member')
    await make(other)
    expect(await root.sh('cd /etc/kubernetes && find . -type f')).toBe('./metaltasks/etcd-member\n')
    expect(await planned(other)).toEqual({ actions: [] })
    expect(await root.sh('cat /var/lib/etcd/member/wal/0.wal')).toBe('log\n')
    expect(await root.sh('cat /var/lib/calls')).toContain('--skip-phases remove-etcd-member')
  })

  test('a host of etcd loses its member only when it is to, and then its data are renamed', async () => {
    await root.sh('mkdir -p /etc/etcd /etc/kubernetes/metaltasks && echo key >/etc/etcd/ca.key')
    await root.sh('echo home up >/etc/kubernetes/metaltasks/etcd-member')
    expect(await make(withoutEtcdMember({ clears: false }))).toEqual(['stop etcd, for good'])
    expect(await root.sh('cat /var/lib/etcd/member/wal/0.wal')).toBe('log\n')
    expect(await make(withoutEtcdMember({ clears: true }))).toEqual([
      'put the data of etcd aside',
      'put the settings of etcd aside',
    ])
    expect(await root.sh('cat /var/lib/etcd.bak-*/member/wal/0.wal /etc/etcd.bak-*/ca.key')).toBe(
      'log\nkey\n',
    )
    expect(await planned(withoutEtcdMember({ clears: true }))).toEqual({ actions: [] })
  })

  test('where the data of etcd are on a volume of their own, they are renamed on it', async () => {
    await root.sh(
      'mkdir /var/lib/disk && mv /var/lib/etcd/* /var/lib/disk/ && mount --bind /var/lib/disk /var/lib/etcd',
    )
    await make(reset)
    expect(await root.sh('cat /var/lib/etcd/member.bak-*/wal/0.wal; ls /var/lib/etcd | wc -l')).toBe(
      'log\n1\n',
    )
    expect(await planned(reset)).toEqual({ actions: [] })
  })
})

test('a machine that is only stopped keeps everything', async () => {
  expect(await make(stoppedResource())).toEqual(['stop the kubelet and all pods, for good'])
  expect(await root.sh('cat /var/lib/kubelet-state')).toBe('')
  expect(await root.sh('cat /etc/kubernetes/pki/ca.key /var/lib/etcd/member/wal/0.wal')).toBe('key\nlog\n')
  expect(await planned(stoppedResource())).toEqual({ actions: [] })
})
