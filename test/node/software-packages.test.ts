import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { generateKey } from 'openpgp'
import { expect, test } from 'vitest'
import type { Software } from '../../tasks/lib/config/kubeadm-model.ts'
import type { Resource } from '../../tasks/lib/node/resource.ts'
import { aptRepository } from '../../tasks/lib/node/software/apt-repository.ts'
import { softwareResources, upgradedPrograms } from '../../tasks/lib/node/software/node-software.ts'
import { openReleaseSource } from '../../tasks/lib/node/software/release-source.ts'
import { testConfig } from '../support/config.ts'
import { temporaryFolder } from '../support/folder.ts'
import { planFor } from '../support/machines.ts'

const software: Software = { source: 'packages', versions: { containerd: '2.3.4' } }
const { cluster } = testConfig('/', { software })

async function resources(roles: ('control-plane' | 'worker')[] = ['worker']): Promise<Resource[]> {
  const node = { name: 'kube1', roles, labels: {}, taints: [], volumes: [] }
  return softwareResources(node, { cluster, releases: await openReleaseSource(software) })
}

async function planOf(target: string, stdout: string) {
  const resource = (await resources()).find((one) => one.target === target)!
  return planFor(resource, stdout)
}

const bare = 'audit 0\nupdates 0\n'
const fromApt = (words: string) =>
  `apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold --no-install-recommends --no-remove ${words}`

test('packages of a node are pinned and held, from the repositories of their projects', async () => {
  const [install, hold] = await planOf('packages of Kubernetes', `free\n${bare}`)
  const words =
    "install 'containerd.io=2.3.4-*' 'kubeadm=1.36.3-*' 'kubelet=1.36.3-*' 'kubectl=1.36.3-*' cri-tools kubernetes-cni"
  expect(install!.commands).toEqual([
    'export DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l',
    `if ! ${fromApt(words)}\nthen apt-get -q -o DPkg::Lock::Timeout=300 update\n${fromApt(words)}\nfi`,
  ])
  expect(hold!.commands).toEqual(['apt-mark hold containerd.io kubeadm kubelet kubectl'])
  const [kubernetes] = await planOf(
    'file /etc/apt/sources.list.d/metaltasks-kubernetes.list',
    'debian trixie\nabsent\n',
  )
  expect(kubernetes!.after!.at(-1)).toBe(
    'deb [signed-by=/etc/apt/keyrings/metaltasks-kubernetes.asc] https://pkgs.k8s.io/core:/stable:/v1.36/deb/ /',
  )
  const [docker] = await planOf(
    'file /etc/apt/sources.list.d/metaltasks-docker.list',
    'ubuntu noble\nabsent\n',
  )
  expect(docker!.after!.at(-1)).toBe(
    'deb [signed-by=/etc/apt/keyrings/metaltasks-docker.asc] https://download.docker.com/linux/ubuntu noble stable',
  )
})

test('packages that are there in that version and held need nothing', async () => {
  const row = (name: string, version: string, want = 'hold') => `${name} ${want} installed ${version}\n`
  const rows = [
    row('containerd.io', '2.3.4-1~debian.13~trixie'),
    ...['kubeadm', 'kubelet', 'kubectl'].map((name) => row(name, '1.36.3-1.1')),
    ...['cri-tools', 'kubernetes-cni'].map((name) => row(name, '1.8.0-1.1', 'install')),
  ]
  expect(await planOf('packages of Kubernetes', `member 1.36.3-1.1\n${rows.join('')}${bare}`)).toEqual([])
})

test('packages of Kubernetes of another version stay on a member of a cluster', async () => {
  const resource = (await resources()).find(({ target }) => target === 'packages of Kubernetes')!
  const planned = resource.plan({ stdout: `member 1.36.2-1.1\n${bare}`, stderr: '', exitCode: 0 })
  expect(planned.actions.flatMap(({ after = [] }) => after)).toEqual([
    'containerd.io 2.3.4-*',
    'cri-tools (newest)',
    'kubernetes-cni (newest)',
  ])
  expect(planned.findings).toMatchObject([{ hint: 'tasks cluster:upgrade 1.36.3' }])
})

test('an upgrade takes them there although they are held', async () => {
  const upgrade = upgradedPrograms(['kubeadm'], { cluster, releases: await openReleaseSource(software) })
  const [install] = planFor(upgrade, `kubeadm hold installed 1.36.2-1.1\n${bare}`)
  expect(install!.commands[1]).toContain("--allow-change-held-packages install 'kubeadm=1.36.3-*'")
})

test('a system without packages of containerd 2 is told what to do instead', async () => {
  await expect(
    planOf('file /etc/apt/sources.list.d/metaltasks-docker.list', 'linuxmint zara\nabsent\n'),
  ).rejects.toThrow('there are no packages of containerd 2 for linuxmint')
})

test('etcd of a control plane comes from its release, with etcdutl', async () => {
  const targets = (await resources(['control-plane'])).map(({ target }) => target)
  expect(targets).toContain('programs etcd')
  expect(targets).not.toContain('file /etc/systemd/system/containerd.service')
  expect(targets).toContain('file /etc/systemd/system/kubelet.service.d/20-metaltasks.conf')
})

test('the key of a repository is written only with the fingerprint that is known', async () => {
  const folder = await temporaryFolder()
  const { publicKey } = await generateKey({ userIDs: [{ name: 'packages' }], format: 'armored' })
  const path = 'pkgs.k8s.io/core:/stable:/v1.36/deb/Release.key'
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), publicKey)
  const { readKey } = await import('openpgp')
  const fingerprint = (await readKey({ armoredKey: publicKey })).getFingerprint().toUpperCase()
  const key = (wanted: string) =>
    aptRepository(
      { name: 'kubernetes', path: 'x', suite: () => '/', key: { path, fingerprint: wanted } },
      { folder },
    )[0]!
  const [action] = planFor(key(fingerprint), 'absent\n')
  expect(await action!.input!()).toBe(publicKey)
  const [wrong] = planFor(key('DE15B14486CD377B9E876E1A234654DA9A296436'), 'absent\n')
  await expect(wrong!.input!()).rejects.toThrow(`is ${fingerprint}, expected DE15B144`)
  writeFileSync(join(folder, path), '<html>')
  await expect((async () => action!.input!())()).rejects.toThrow('Release.key is no key')
})

test('a key in the folder that cannot be read is an error; only one that is not there is asked for elsewhere', async () => {
  const folder = await temporaryFolder()
  const path = 'pkgs.example.com/Release.key'
  const repository = { name: 'kubernetes', path: 'x', suite: () => '/', key: { path, fingerprint: 'F' } }
  const [action] = planFor(
    aptRepository(repository, { folder, mirror: 'http://127.0.0.1:9' })[0]!,
    'absent\n',
  )
  const text = async () => action!.input!()
  await expect(text()).rejects.toMatchObject({
    findings: [{ hint: `put it into a folder: software: { folder: FOLDER }, as FOLDER/${path}` }],
  })
  mkdirSync(join(folder, path), { recursive: true })
  await expect(text()).rejects.toMatchObject({
    message: expect.stringMatching(/^software\.folder: .*Release\.key cannot be read: EISDIR/),
    findings: [{ hint: `see ls -l ${join(folder, path)}` }],
  })
})
