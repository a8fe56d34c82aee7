import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { planJson } from '../../../tasks/lib/cli/plan/plan-json.ts'
import type { Report } from '../../../tasks/lib/cli/plan/report.ts'
import { type LabCluster, nodesReady, openLabCluster } from '../../support/lab-cluster.ts'
import { testImage } from '../../support/node-software-parts.ts'
import { plannedChanges } from '../../support/node-steps.ts'
import { makeByHand, type Timed, untilPodsRun } from '../../support/plain-kubeadm.ts'

vi.setConfig({ testTimeout: 3_600_000, hookTimeout: 900_000 })

/** What both sides begin with: machines, volumes, programs and images, and nothing of a cluster. */
const machineParts = [
  ...['node-prepare', 'node-ssh-keys', 'key-server', 'volumes', 'persistent-dirs'],
  ...['node-software', 'node-images'],
]

/** What a first plan on somebody's cluster must not have. */
const dangerous =
  /kubeadm (init|reset|join)|luksFormat|mkfs|wipefs|lvcreate|\brm -\w*r|\b(rm|mv)\b.*\/(etc\/kubernetes\/(?!metaltasks\/)|var\/lib\/etcd)/

/** What a first plan tells of it. */
const notes = [
  'its programs were installed by others: they stay as they are',
  'super-admin.conf is there',
  'Secrets are stored in clear',
  'its kubelet signs its own serving certificate',
]

/** The beginning of a Secret as etcd has it. */
const storedSecret = `etcdctl --endpoints https://127.0.0.1:2379 --cacert /etc/kubernetes/pki/etcd/ca.crt \\
  --cert /etc/kubernetes/pki/etcd/server.crt --key /etc/kubernetes/pki/etcd/server.key \\
  get /registry/secrets/default/known --print-value-only | head -c 60 | tr -c '[:print:]' .`

let cluster: LabCluster
let install: Timed
let before: { identity: string; pods: string }

beforeAll(async () => {
  cluster = await openLabCluster({ controlPlanes: ['cp1'], workers: ['w1'] })
  await cluster.works(['install', '--only', machineParts.join(','), '--yes'])
  await eachNode((machine) => machine.shutdown())
  await eachNode((machine) => machine.snapshot('prepared'))
  await startNodes()
}, 3_600_000)
afterAll(() => cluster?.close())

test('prepared machines become a cluster by one command', async () => {
  const report = await cluster.report(['install', '--yes'])
  expect(await nodesReady(cluster)).toBe('cp1 True\nw1 True\n')
  const from = performance.now()
  await untilPodsRun(cluster)
  const rest = { what: 'its pods run', seconds: (performance.now() - from) / 1000 }
  install = { what: 'tasks install', seconds: report.seconds + rest.seconds }
  console.log(table([...stepsOf(report), rest, install]))
})

test('the same machines become one by kubeadm, by hand', async () => {
  await eachNode((machine) => machine.powerCut())
  await eachNode((machine) => machine.restore('prepared'))
  rmSync(join(cluster.project, 'secrets/cluster'), { recursive: true })
  await startNodes()
  const { stdout: network } = await cluster.tasks(['render', 'flannel'])
  const steps = await makeByHand(cluster, { network })
  const byHand = { what: 'by hand', seconds: steps.reduce((sum, { seconds }) => sum + seconds, 0) }
  console.log(
    table([...steps, byHand, install]),
    `\n${(install.seconds / byHand.seconds).toFixed(2)} times as long`,
  )
  // Who has done all by hand has programs that nobody keeps a record of.
  await eachNode((machine) => machine.sh('mv /etc/kubernetes/metaltasks/software /root/; sync'))
  await cluster.kubectl('create secret generic known --from-literal=word=kept')
  await cluster.kubectl(`run web --image=${testImage} --restart=Never --command -- sleep 100000`)
  await cluster.kubectl('wait --for=condition=Ready pod/web --timeout=600s')
  before = { identity: await identity(), pods: await pods() }
})

test('moving in: the first plan on a cluster of plain kubeadm makes, resets, joins and formats nothing', async () => {
  const { stdout, stderr, exitCode } = await cluster.tasks(['plan', '--json'])
  const plan = JSON.parse(stdout) as ReturnType<typeof planJson>
  const changes = plan.steps.flatMap((step) => step.changes)
  console.log(changes.map(({ title }) => title).join('\n'), plan.findings, stderr)
  expect(exitCode).toBe(0)
  expect(changes.flatMap(({ title, commands = [] }) => [title, ...commands]).join('\n')).not.toMatch(
    dangerous,
  )
  expect(changes.filter(({ action }) => action === 'delete' || action === 'replace')).toEqual([])
  const made = ['cluster-init', 'control-planes', 'workers', 'serving-certificates']
  expect(plan.steps.filter(({ name, changes }) => made.includes(name) && changes.length > 0)).toEqual([])
  const said = plan.findings.map(({ message }) => message).join('\n')
  for (const words of notes) expect(said).toContain(words)
})

test('moving in: install adopts it, with its pods and Secrets, and then has nothing to do', async () => {
  const report = await cluster.report(['install', '--yes'])
  console.log(`adopted in ${report.seconds} s`, table(stepsOf(report)))
  expect({ identity: await identity(), pods: await pods() }).toEqual(before)
  expect(await nodesReady(cluster)).toBe('cp1 True\nw1 True\n')
  expect(await cluster.report(['install', '--yes'])).toMatchObject({ outcome: 'done', changes: [] })
  expect(await plannedChanges(cluster, ['install'])).toEqual([])
})

test('moving in: in the order that the notes name it gets settings and keys, and its Secrets stay readable', async () => {
  const clusterFile = join(cluster.project, 'cluster.yaml')
  const text = readFileSync(clusterFile, 'utf8')
  await cluster.writeCluster(text.replace(/^software: .*?, versions/m, 'software: { source: none, versions'))
  await cluster.works(['cluster:upgrade', '--settings', '--yes'])
  await cluster.works(['encryption:rotate', '--yes'])
  await cluster.works(['install', '--yes'])
  await cluster.writeCluster(text)
  expect(await identity()).toBe(before.identity)
  expect(await cluster.machine('cp1').sh(storedSecret)).toContain('k8s:enc:secretbox:v1:')
  expect(await plannedChanges(cluster, ['install'])).toEqual([])
})

/** What must be the same afterwards: the cluster, a Secret of it, and a container that nobody starts again. */
async function identity(): Promise<string> {
  const uid = await cluster.kubectl("get namespace kube-system -o 'jsonpath={.metadata.uid}'")
  const word = await cluster.kubectl("get secret known -o 'jsonpath={.data.word}'")
  const container = '{.status.phase} {.status.containerStatuses[0].containerID}'
  return [uid, word, await cluster.kubectl(`get pod web -o 'jsonpath=${container}'`)].join('\n')
}

async function pods(): Promise<string> {
  return cluster.kubectl(
    `get pods -A -o 'jsonpath={range .items[*]}{.metadata.name} {.metadata.uid}{"\\n"}{end}'`,
  )
}

function stepsOf({ planSeconds, steps, verification }: Report): Timed[] {
  return [
    { what: 'plan', seconds: planSeconds },
    ...steps.map(({ name, seconds }) => ({ what: name, seconds })),
    { what: 'checks at the end', seconds: verification?.seconds ?? 0 },
  ].filter(({ seconds }) => seconds >= 1)
}

function table(rows: Timed[]): string {
  return rows.map(({ what, seconds }) => `${what.padEnd(24)}${seconds.toFixed(1).padStart(8)} s`).join('\n')
}

async function eachNode(work: (machine: LabCluster['machines'][number]) => Promise<unknown>): Promise<void> {
  await Promise.all(['cp1', 'w1'].map((name) => work(cluster.machine(name))))
}

async function startNodes(): Promise<void> {
  await eachNode((machine) => machine.start())
  await eachNode((machine) => machine.until('test -S /run/containerd/containerd.sock', 180))
}
