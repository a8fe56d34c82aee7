import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { certificateExpiry } from '../../tasks/lib/kubernetes/kubeconfig/certificate-expiry.ts'
import { type Ran, runTasks, tasksWords, writeFiles } from '../support/cli.ts'
import { kubectlWith } from '../support/kubectl.ts'

const { kubeconfig, context, server } = inject('sandbox')
const admin = kubectlWith(inject('kubectl'), kubeconfig)
const namespace = 'kubeconfig-test'

let root: string
let file: string
const environment = () => ({ HOME: join(root, 'home'), KUBECONFIG: undefined })

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'metaltasks-kubeconfig-'))
  file = join(root, 'home', '.kube', 'config')
  const nodes = 'K8S_NODES="kube1 kube2 kube3"\nCLUSTER_NAME=lab'
  const target = `K8S_KUBECONFIG=${kubeconfig}\nK8S_CONTEXT=${context}`
  writeFiles(root, { '.env': `${nodes}\n${target}\nK8S_NAMESPACE=${namespace}\n` })
  const applied = await tasks('namespace-config', '--yes')
  expect(applied.stderr).toContain('Done')
})

afterAll(async () => {
  await admin(['delete', 'namespace', namespace, '--wait=false'])
  const roles = [`${namespace}-read-cluster`, `${namespace}-view`]
  await admin(['delete', 'clusterrolebinding', ...roles])
  await admin(['delete', 'clusterrole', roles[0]!])
  rmSync(root, { recursive: true, force: true })
})

beforeEach(() => rmSync(join(root, 'home'), { recursive: true, force: true }))

function tasks(...args: string[]): Promise<Ran> {
  return runTasks(args, { cwd: root, env: environment() })
}

// kubectl exits 1 for "no", which is an answer too.
function canI(of: string, question: string): Promise<string> {
  const args = ['--kubeconfig', file, '--context', of, 'auth', 'can-i', ...question.split(' ')]
  return new Promise((resolve) => {
    execFile(inject('kubectl'), args, (_, stdout) => resolve(stdout.trim()))
  })
}

// Without -A kubectl asks about cluster-wide objects as if they were in the context's namespace, and hears yes.
const rights: [question: string, user: 'yes' | 'no'][] = [
  ['create deployments', 'yes'],
  ['delete pods', 'yes'],
  ['update resourcequotas', 'yes'],
  [`get secrets -n ${namespace}`, 'yes'],
  ['create pods -n default', 'no'],
  ['list pods -n kube-system', 'yes'],
  ['get secrets -n kube-system', 'no'],
  ['list nodes -A', 'yes'],
  ['delete nodes -A', 'no'],
  ['get persistentvolumes -A', 'yes'],
  ['create persistentvolumes -A', 'no'],
  ['create namespaces -A', 'no'],
  ['create clusterrolebindings -A', 'no'],
  ['create certificatesigningrequests -A', 'no'],
]

test('sudo may do everything, the context of the namespace only what the namespace gives it', async () => {
  const ran = await tasks('kubeconfig', '--yes', '--user', 'alice')
  expect(ran).toMatchObject({ exitCode: 0, stdout: '' })
  expect(
    await Promise.all(rights.map(async ([question]) => [question, await canI(namespace, question)])),
  ).toEqual(rights)
  expect(await Promise.all(rights.map(([question]) => canI('sudo', question)))).toEqual(
    rights.map(() => 'yes'),
  )
  const kubectl = kubectlWith(inject('kubectl'), file)
  const refused = kubectl(['delete', 'node', 'kube1', '--dry-run=server'])
  await expect(refused).rejects.toThrow('User "alice" cannot delete resource "nodes"')
  expect(await kubectl(['--context', 'sudo', 'delete', 'node', 'kube1', '--dry-run=server'])).toContain(
    'deleted',
  )
  expect(await kubectl(['create', 'configmap', 'mine', '--dry-run=server', '-o', 'name'])).toBe(
    'configmap/mine\n',
  )
  expect(await kubectl(['config', 'current-context'])).toBe(`${namespace}\n`)
  const who = JSON.parse(await kubectl(['auth', 'whoami', '-o', 'json'])).status.userInfo
  expect(who).toMatchObject({ username: 'alice', groups: [`users:${namespace}`, 'system:authenticated'] })
  expect(await admin(['get', 'csr', '-l', 'app.kubernetes.io/managed-by=metaltasks', '-o', 'name'])).toBe('')
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

describe('a second run', () => {
  test('changes nothing', async () => {
    await tasks('kubeconfig', '--yes')
    const before = readFileSync(file, 'utf8')
    const ran = await tasks('kubeconfig')
    expect(ran.exitCode).toBe(0)
    expect(ran.stderr).toContain('nothing to do: 2 objects as wanted')
    expect(readFileSync(file, 'utf8')).toBe(before)
    expect(readdirSync(join(file, '..'))).toEqual(['config'])
  })

  test('replaces a certificate that is for another user, when it is told to, and no other', async () => {
    await tasks('kubeconfig', '--yes', '--user', 'alice', '--days', '90')
    const days = ((await certificateExpiry(file))!.getTime() - Date.now()) / 86_400_000
    expect(Math.round(days)).toBe(90)
    const renewed = await tasks('kubeconfig', '--yes', '--user', 'alice', '--renew')
    expect(renewed.stderr).toContain('note: a new one was asked for')
    expect((await tasks('kubeconfig', '--user', 'alice')).stderr).toContain('nothing to do')
    const bob = await tasks('kubeconfig', '--dry-run', '--user', 'bob')
    expect(bob.stdout).toContain(`note: the present one is for alice of users:${namespace}`)
    expect(readdirSync(join(file, '..'))).toHaveLength(2)
  })
})

test('no key is printed, with --verbose and --json as little as without', async () => {
  const ran = await tasks('kubeconfig', '--yes', '--verbose', '--json')
  const keys = [...readFileSync(file, 'utf8').matchAll(/client-key-data: (\S+)/g)].map(([, key]) => key!)
  expect(keys).toHaveLength(2)
  const journals = readdirSync(join(root, '.tasks/journal')).map((name) => join(root, '.tasks/journal', name))
  const said = [ran.stdout, ran.stderr, ...journals.map((journal) => readFileSync(journal, 'utf8'))].join(
    '\n',
  )
  for (const key of keys) {
    const pem = Buffer.from(key, 'base64').toString()
    for (const secret of [key, ...pem.split('\n').slice(1, 3)]) expect(said).not.toContain(secret)
  }
})

const foreign = `# my other cluster
apiVersion: v1
kind: Config
clusters:
  - cluster: { server: "https://other:6443" }
    name: work
users:
  - name: work-admin
    user: { token: abc }
contexts:
  - name: sudo
    context: { cluster: work, user: work-admin }
current-context: sudo
`

test('a context sudo of another cluster is left alone, and --prefix makes room beside it', async () => {
  writeFiles(root, { 'home/.kube/config': foreign })
  const refused = await tasks('kubeconfig', '--yes')
  expect(refused.exitCode).toBe(1)
  expect(refused.stderr).toContain(
    `error: context "sudo" in ${file} belongs to another cluster, https://other:6443\n` +
      'hint: give this cluster names of its own: tasks kubeconfig --prefix NAME\n',
  )
  expect(readFileSync(file, 'utf8')).toBe(foreign)
  const ran = await tasks('kubeconfig', '--yes', '--prefix', 'lab')
  expect(ran.exitCode).toBe(0)
  const text = readFileSync(file, 'utf8')
  for (const line of foreign.trimEnd().split('\n')) expect(text).toContain(`${line}\n`)
  const kubectl = kubectlWith(inject('kubectl'), file)
  const contexts = await kubectl(['config', 'get-contexts', '-o', 'name'])
  expect(contexts.trim().split('\n').sort()).toEqual([`lab-${namespace}`, 'lab-sudo', 'sudo'])
  expect(await canI('lab-sudo', 'delete nodes')).toBe('yes')
})

test('the first file of KUBECONFIG is written, and one that is no YAML is not', async () => {
  const other = join(root, 'home', 'mine.yaml')
  const env = { ...environment(), KUBECONFIG: `${other}:${file}` }
  const ran = await runTasks(['kubeconfig', '--yes'], { cwd: root, env })
  expect(ran.exitCode).toBe(0)
  expect([existsSync(other), existsSync(file)]).toEqual([true, false])
  writeFileSync(other, 'a: [')
  const broken = await runTasks(['kubeconfig', '--yes'], { cwd: root, env })
  expect(broken.exitCode).toBe(1)
  expect(broken.stderr).toContain(`error: kubeconfig ${other} is not valid YAML`)
  expect(readFileSync(other, 'utf8')).toBe('a: [')
})

test.each(['==> Contexts', 'waiting for the signature', 'write contexts'])(
  'a run that is killed at "%s" leaves a whole file, and the next one ends well',
  async (moment) => {
    await tasks('kubeconfig', '--yes')
    await killedAt(moment)
    expect(await canI(namespace, 'delete pods')).toBe('yes')
    expect(await canI('sudo', 'delete nodes')).toBe('yes')
    expect((await tasks('kubeconfig', '--yes', '--renew')).exitCode).toBe(0)
    expect(await canI(namespace, 'delete pods')).toBe('yes')
  },
)

function killedAt(moment: string): Promise<void> {
  const child = spawn(process.execPath, tasksWords(['kubeconfig', '--yes', '--renew']), {
    cwd: root,
    env: { ...process.env, ...environment() },
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
    // The plan's own lines come before the first heading of the work.
    if (said.slice(said.indexOf('every line of it')).includes(moment)) child.kill('SIGKILL')
  })
  return new Promise((resolve, reject) => {
    child.on('close', (_, signal) =>
      signal === 'SIGKILL' ? resolve() : reject(new Error(`it ended before "${moment}":\n${said}`)),
    )
  })
}

test('the server is the one of the target', async () => {
  await tasks('kubeconfig', '--yes')
  expect(readFileSync(file, 'utf8')).toContain(`server: ${server}`)
})

test("doctor says of a configured context what it lacks, and nothing of the administrator's", async () => {
  await tasks('kubeconfig', '--yes')
  const clusterOf = async (name: string) => {
    const env = { ...environment(), K8S_KUBECONFIG: file, K8S_CONTEXT: name, K8S_VERSION: '1.35.4' }
    const { stdout } = await runTasks(['doctor', '--json'], { cwd: root, env })
    const { results } = JSON.parse(stdout).sections.find(
      ({ title }: { title: string }) => title === 'cluster',
    )
    return results.map((result: { name: string; state: string }) => `${result.state} ${result.name}`)
  }
  const clock = "good cluster's clock"
  expect(await clusterOf('sudo')).toEqual(['warning API server', 'good rights', 'good certificate', clock])
  expect(await clusterOf(namespace)).toEqual(['warning API server', 'missing rights', 'good certificate'])
  expect(await clusterOf('nobody')).toEqual(['missing environment'])
})
