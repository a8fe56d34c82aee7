import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { type JoinOptions, joinedNode } from '../../tasks/lib/node/kubeadm/join.ts'
import type { Machine } from '../../tasks/lib/node/machine.ts'
import { openMachines } from '../../tasks/lib/node/ssh/machines.ts'
import { fakePrograms } from '../support/fake-kubeadm.ts'
import { killedMachine } from '../support/killed-machine.ts'
import { changesOn, converge } from '../support/machines.ts'
import { type RelocatedMachine, relocatedMachine } from '../support/relocated-machine.ts'
import { startSshServers } from '../support/sshd.ts'

const progress = { say: () => {}, signal: new AbortController().signal }

interface Bed {
  first: RelocatedMachine
  joining: RelocatedMachine
  options: JoinOptions
}

/** A control plane with an authority of its own, and a bare machine. */
function bed({ isControlPlane = false, servers = [] as Machine[] } = {}): Bed {
  const first = relocatedMachine('cp1', fakePrograms, servers[0])
  write(first, 'etc/kubernetes/admin.conf', 'made')
  mkdirSync(join(first.root, 'etc/kubernetes/pki'))
  const words = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-subj',
    '/CN=kubernetes',
  ]
  const at = (name: string) => join(first.root, 'etc/kubernetes/pki', name)
  execFileSync('openssl', [...words, '-keyout', at('ca.key'), '-out', at('ca.crt')], { stdio: 'pipe' })
  const joining = relocatedMachine(isControlPlane ? 'cp2' : 'w1', fakePrograms, servers[1])
  const options: JoinOptions = {
    machine: joining,
    isControlPlane,
    issuers: [first],
    ...(isControlPlane && {
      peerUrl: 'https://10.0.0.12:2380',
      loan: () => ({ text: 'certificateKey: lent\n', certificateKey: 'lent' }),
    }),
    config: ({ token, caHash }, key) =>
      `kind: JoinConfiguration\ntoken: ${token}\ncaHash: ${caHash}\n${key ? `certificateKey: ${key}\n` : ''}`,
  }
  return { first, joining, options }
}

test('D02 a join pins the authority of the control plane, and its token lives 15 minutes at most and is deleted', async () => {
  const { first, joining, options } = bed()
  const { again } = await converge(joining, [joinedNode(options)])
  expect(again).toEqual([])
  const pinned = execFileSync('sh', [
    '-c',
    `openssl x509 -in ${first.root}/etc/kubernetes/pki/ca.crt -noout -pubkey | openssl pkey -pubin -outform der | sha256sum | cut -d' ' -f1`,
  ])
  const text = readFileSync(join(joining.root, 'join'), 'utf8')
  expect(text).toContain(`caHash: sha256:${String(pinned).trim()}`)
  expect(text).toContain('token: bbbbbb.0123456789abcdef')
  expect(readFileSync(join(first.root, 'log'), 'utf8')).toContain('token create --ttl 15m')
  expect(readdirSync(join(first.root, 'api/tokens'))).toEqual([])
})

test('D02 the token is in no script, no plan and no file of the node', async () => {
  const { first, joining, options } = bed()
  const [change] = await changesOn(joining, [joinedNode(options)])
  await change!.run(progress)
  const all = [...first.scripts, ...joining.scripts, JSON.stringify(change)].join('\n')
  expect(all).not.toContain('0123456789abcdef')
  expect(all).not.toContain('unsafeSkipCAVerification')
  expect(readdirSync(join(joining.root, 'etc/kubernetes/metaltasks'))).toEqual([])
})

test('D02 the token of a join that failed is deleted too', async () => {
  const { first, joining, options } = bed()
  const [change] = await changesOn(joining, [joinedNode(options)])
  write(joining, 'api/ready', '')
  await expect(change!.run(progress)).rejects.toThrow('already exists')
  expect(readdirSync(join(first.root, 'api/tokens'))).toEqual([])
})

test('a worker asks the control plane twice: for its token, and to delete it', async () => {
  const { first, joining, options } = bed()
  const [change] = await changesOn(joining, [joinedNode(options)])
  await change!.run(progress)
  expect(first.scripts).toHaveLength(2)
})

test.each([false, true])(
  'a join that is killed anywhere is gone on with (control plane: %s)',
  async (isControlPlane) => {
    for (let command = 0; command < 12; command++) {
      const { first, joining, options } = bed({ isControlPlane })
      let isKilled = false
      const machine = killedMachine(joining, () => (isKilled ? { beforeCommand: command } : undefined))
      const [change] = await changesOn(machine, [joinedNode(options)])
      isKilled = true
      await change!.run(progress).catch(() => {})
      isKilled = false
      const { again } = await converge(machine, [joinedNode(options)])
      expect(again, `killed before command ${command}`).toEqual([])
      expect(existsSync(join(joining.root, 'etc/kubernetes/kubelet.conf'))).toBe(true)
      expect(readdirSync(join(first.root, 'api/tokens'))).toEqual([])
      expect(existsSync(join(first.root, 'api/kubeadm-certs'))).toBe(false)
    }
  },
)

test.each([
  ['before its kubelet could log in', { 'var/lib/kubelet/pki/kubelet-client-current.pem': '' }, true],
  ['with the settings of its kubelet empty', { 'var/lib/kubelet/config.yaml': '' }, true],
  ['when it could, its certificates left empty', { 'etc/kubernetes/pki/apiserver.crt': '' }, false],
])('a control plane that lost its power within its join, %s, goes on with it', async (_, files, isAnew) => {
  const { joining, options } = bed({ isControlPlane: true })
  const left = {
    'etc/kubernetes/metaltasks/beginning': 'join-control-plane begun\n',
    'var/lib/kubelet/config.yaml': 'made',
    'var/lib/kubelet/pki/kubelet-client-current.pem': 'made',
    ...files,
  }
  for (const [file, text] of Object.entries(left)) write(joining, file, text)
  write(joining, 'etc/kubernetes/kubelet.conf', 'names a certificate')
  const { again } = await converge(joining, [joinedNode(options)])
  expect(again).toEqual([])
  const log = readFileSync(join(joining.root, 'log'), 'utf8')
  expect(log.includes('--skip-phases preflight,kubelet-start')).toBe(!isAnew)
  const pem = join(joining.root, 'var/lib/kubelet/pki/kubelet-client-current.pem')
  expect(readFileSync(pem, 'utf8').trim()).toBe('made')
})

test('D05 a control plane joins with the files that the others have, and with no others', async () => {
  const { first, joining, options } = bed({ isControlPlane: true })
  for (const machine of [first, joining]) write(machine, 'etc/kubernetes/enc/config.yaml', 'the keys')
  write(first, 'etc/kubernetes/audit/policy.yaml', 'the policy')
  write(joining, 'etc/kubernetes/audit/policy.yaml', 'another policy')
  const [change] = await changesOn(joining, [joinedNode(options)])
  await expect(change!.run(progress)).rejects.toThrow(/audit\/policy\.yaml: FAILED/)
  expect(existsSync(join(joining.root, 'join'))).toBe(false)
  write(joining, 'etc/kubernetes/audit/policy.yaml', 'the policy')
  expect((await converge(joining, [joinedNode(options)])).again).toEqual([])
})

test('certificates are lent to a control plane for as long as it joins', async () => {
  const { first, joining, options } = bed({ isControlPlane: true })
  await converge(joining, [joinedNode(options)])
  expect(readFileSync(join(first.root, 'loan'), 'utf8')).toBe('certificateKey: lent\n')
  expect(readFileSync(join(joining.root, 'join'), 'utf8')).toContain('certificateKey: lent')
  expect(existsSync(join(first.root, 'api/kubeadm-certs'))).toBe(false)
})

test.each([
  ['a node of that name', 'api/node', 'node/cp2\n', 'the cluster has a node cp2 already'],
  [
    'a member of etcd at its address',
    'api/members',
    '1, started, cp2, https://10.0.0.12:2380, https://10.0.0.12:2379, false\n',
    'etcd has a member at https://10.0.0.12:2380 already',
  ],
])(
  'H02 where the cluster has %s, a machine that is new does not take its place',
  async (_what, file, text, message) => {
    const { first, joining, options } = bed({ isControlPlane: true })
    write(first, file, text)
    const [change] = await changesOn(joining, [joinedNode(options)])
    await expect(change!.run(progress)).rejects.toThrow(message)
    expect(existsSync(join(joining.root, 'etc/kubernetes/metaltasks/beginning'))).toBe(false)
  },
)

test('a member that was announced and never started is no hindrance', async () => {
  const { first, joining, options } = bed({ isControlPlane: true })
  write(first, 'api/members', '1, unstarted, , https://10.0.0.12:2380, , true\n')
  expect((await converge(joining, [joinedNode(options)])).again).toEqual([])
})

test('a control plane that does not answer is passed over', async () => {
  const { first, joining, options } = bed()
  const other = relocatedMachine('cp3', fakePrograms)
  const { again } = await converge(joining, [joinedNode({ ...options, issuers: [other, first] })])
  expect(again).toEqual([])
  const [change] = await changesOn(relocatedMachine('w2', fakePrograms), [
    joinedNode({ ...options, issuers: [other] }),
  ])
  await expect(change!.run(progress)).rejects.toThrow(
    /no control plane lets w1 join\ncp3: it is no control plane/,
  )
})

function write({ root }: RelocatedMachine, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

test('a control plane that is not ready yet is waited for', async () => {
  const { first, joining, options } = bed()
  const kubectl = join(first.root, 'bin/kubectl')
  const asked = join(first.root, 'asked')
  const text = readFileSync(kubectl, 'utf8')
  const notYet = `*'get --raw /readyz'*) [ -e ${asked} ] || { : >${asked}; exit 1; } ;;`
  writeFileSync(kubectl, text.replace("*'get --raw /readyz'*) ;;", notYet))
  const said: string[] = []
  const [change] = await changesOn(joining, [joinedNode(options)])
  await change!.run({ ...progress, say: (words) => said.push(words) })
  expect(said).toEqual(['waiting to join: cp1: its API server is not ready'])

  writeFileSync(kubectl, text.replace("*'get --raw /readyz'*) ;;", "*'get --raw /readyz'*) exit 1 ;;"))
  const impatient = joinedNode({ ...options, patienceSeconds: 0 })
  const [other] = await changesOn(relocatedMachine('w2', fakePrograms), [impatient])
  await expect(other!.run(progress)).rejects.toThrow('cp1: its API server is not ready')
})

test('D02 over SSH a control plane joins with what reached it by stdin alone', async () => {
  const ssh = await startSshServers(2)
  const config = ssh.config()
  const machines = openMachines(config, { signal: progress.signal })
  try {
    const servers = config.cluster.nodes.map((node) => machines.of(node))
    const { first, joining, options } = bed({ isControlPlane: true, servers })
    write(first, 'etc/kubernetes/enc/config.yaml', 'the keys')
    write(joining, 'etc/kubernetes/enc/config.yaml', 'the keys')
    expect((await converge(joining, [joinedNode(options)])).again).toEqual([])
    expect(readFileSync(join(joining.root, 'join'), 'utf8')).toContain('certificateKey: lent')
    expect(readdirSync(join(first.root, 'api/tokens'))).toEqual([])
  } finally {
    await machines.close()
    await ssh.close()
  }
}, 60_000)
