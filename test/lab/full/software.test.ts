import { readdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Lab, openLab } from '../../support/lab.ts'
import type { LabMachine } from '../../support/lab-machine.ts'
import { nodeSoftware, nodeVersions } from '../../support/node-software.ts'
import { fingerprint, killedRun, plannedChanges } from '../../support/node-steps.ts'

// A hundred megabytes of programs and more of images, unpacked on machines with one slow processor.
vi.setConfig({ testTimeout: 900_000, hookTimeout: 900_000 })

let lab: Lab
let kube1: LabMachine
let kube2: LabMachine
let images: number

beforeAll(async () => {
  const software = await nodeSoftware()
  images = readdirSync(software.images).length
  const node = (name: string) => ({ name, memoryMiB: 700 })
  lab = await openLab({ machines: [node('kube1'), node('kube2')] })
  ;[kube1, kube2] = lab.machines as [LabMachine, LabMachine]
  await lab.writeCluster(await lab.knownHosts(), 'known_hosts')
  await lab.writeCluster(`name: lab
kubernetes: { version: ${nodeVersions.kubernetes} }
nodes:
  - { name: kube1, address: ${kube1.address}, roles: [control-plane] }
  - { name: kube2, address: ${kube2.address}, roles: [worker] }
software: { folder: ${software.folder}, digests: ${software.digests}, images: ${software.images} }
ssh: { user: root, identity: ${lab.keyFile} }
`)
})
afterAll(() => lab?.close())

async function works(args: string[]) {
  const ran = await lab.tasks([...args, '--json'])
  expect(ran.exitCode, `tasks ${args.join(' ')}\n${ran.stdout}${ran.stderr}`).toBe(0)
  return JSON.parse(ran.stdout)
}

test('A04 the plan lists what is sent to whom, and changes nothing', async () => {
  const before = await Promise.all([kube1, kube2].map(fingerprint))
  const titles = await plannedChanges(lab, ['node:software'])
  expect(titles).toContain(
    'kube2: install containerd 2.3.4, runc 1.4.3, cni-plugins 1.9.1, crictl 1.36.0, kubeadm 1.36.3, kubelet 1.36.3, kubectl 1.36.3',
  )
  expect(titles.filter((title) => title.includes('kube-apiserver'))).toEqual([
    'kube1: send image registry.k8s.io/kube-apiserver:v1.36.3',
  ])
  expect(await Promise.all([kube1, kube2].map(fingerprint))).toEqual(before)
})

test('a run that was killed in an upload goes on, and ends with containers that can run', async () => {
  for (const kill of [1500, 'done', 'done', 700] as const) {
    const { exitCode, stderr } = await killedRun(lab, { args: ['node:software', '--yes'], kill })
    expect([null, 1], stderr).toContain(exitCode)
  }
  await works(['node:software', '--yes'])
  for (const machine of [kube1, kube2])
    expect(
      await machine.sh(`systemctl is-active containerd kubelet; systemctl is-enabled containerd kubelet
crictl version | grep RuntimeVersion; kubelet --version; runc --version | head -1; ls /opt/cni/bin | grep -c .
containerd config dump 2>/dev/null | grep -c -e 'SystemdCgroup = true' -e 'pause:3.10.2' -e "conf.d/.*toml"
stat -c %a /etc/systemd/system/kubelet.service.d/10-kubeadm.conf; ls /var/lib/metaltasks`),
    ).toMatch(
      /^active\ninactive\nenabled\nenabled\nRuntimeVersion: +v2\.3\.4\nKubernetes v1\.36\.3\nrunc version 1\.4\.3\n9\n3\n600\n$/,
    )
  expect(await kube1.sh('crictl images -q | wc -l')).toBe(`${images}\n`)
  // Without API server, controller manager, scheduler and etcd.
  expect(await kube2.sh('crictl images -q | wc -l')).toBe(`${images - 4}\n`)
})

describe('a second run', () => {
  test('A03 sends nothing', async () => {
    expect(await works(['node:software', '--yes'])).toMatchObject({ outcome: 'done', changes: [] })
  })

  test('sends the one program that was changed, and restarts what runs it', async () => {
    const started = 'systemctl show -p ExecMainPID --value containerd'
    // A file that is running cannot be written to.
    const change = 'cp -p containerd other; printf x >>other; mv other containerd'
    const before = await kube2.sh(`cd /usr/local/bin; ${change}; ${started}`)
    const { changes } = await works(['node:software', 'kube2', '--yes'])
    expect(changes.map(({ title }: { title: string }) => title)).toEqual([
      'kube2: install containerd 2.3.4',
      'kube2: restart containerd.service',
    ])
    expect(await kube2.sh(started)).not.toBe(before)
  })

  test('restarts a program that was exchanged by a run that was killed before it did', async () => {
    await kube2.sh('sleep 2; touch /usr/local/bin/containerd')
    expect(await plannedChanges(lab, ['node:software', 'kube2'])).toEqual([
      'kube2: restart containerd.service',
    ])
    await works(['node:software', 'kube2', '--yes'])
  })

  test('sends all programs to both machines at once where nothing is known of them', async () => {
    for (const machine of [kube1, kube2]) await machine.sh('rm -r /etc/kubernetes/metaltasks/software')
    const { changes } = await works(['node:software', '--only', 'node-software', '--yes'])
    const sent: { title: string; seconds: number }[] = changes.filter(({ title }: { title: string }) =>
      title.includes('install'),
    )
    expect(sent.map(({ title }) => title.slice(0, 6))).toEqual(['kube1:', 'kube2:'])
    process.stderr.write(sent.map(({ title, seconds }) => `lab: ${seconds} s for ${title}\n`).join(''))
  })

  test('sends an image that was removed, and no other', async () => {
    await kube2.sh('ctr -n k8s.io images rm --sync registry.k8s.io/pause:3.10.2; sleep 1')
    const { changes } = await works(['node:software', 'kube2', '--yes'])
    expect(changes.map(({ title }: { title: string }) => title)).toEqual([
      'kube2: send image registry.k8s.io/pause:3.10.2',
    ])
  })
})

test('an image that was just sent is whole after a power cut', async () => {
  const layers = `cd /var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots
find */fs -type f -exec sha256sum {} + | cut -d ' ' -f 1 | sort`
  await works(['node:software', 'kube2', '--yes'])
  const before = await kube2.sh(layers)
  await kube2.sh('crictl rmi registry.k8s.io/coredns/coredns:v1.14.2; sleep 3')
  expect(await kube2.sh(layers)).not.toBe(before)
  await works(['node:software', 'kube2', '--yes'])
  await kube2.powerCut()
  await kube2.start()
  expect(await kube2.sh(layers)).toBe(before)
})
