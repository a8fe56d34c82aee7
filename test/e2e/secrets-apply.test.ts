import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, inject, test } from 'vitest'
import { filesWith, watch } from '../secrets/watcher.ts'
import { type Ran, runTasks, tasksWords } from '../support/cli.ts'
import { kubectlWith } from '../support/kubectl.ts'
import { freshAgeKey, sopsOutput } from '../support/sops.ts'

const { kubeconfig, nodes } = inject('sandbox')
const kubectl = kubectlWith(inject('kubectl'), kubeconfig)
const root = mkdtempSync(join(tmpdir(), 'secrets-apply-'))
const key = freshAgeKey()
const namespace = 'secrets-apply'

for (const folder of ['manifests', 'secrets/other-place', 'home']) {
  mkdirSync(join(root, folder), { recursive: true })
}
writeFileSync(
  join(root, '.env'),
  `K8S_NODES="${nodes.join(' ')}"\nK8S_KUBECONFIG=${kubeconfig}\nK8S_NAMESPACE=${namespace}\n`,
)
await kubectl(['create', 'namespace', namespace])
await kubectl(['create', 'namespace', 'other-place'])

afterAll(async () => {
  const names = [namespace, 'other-place']
  await kubectl(['delete', 'namespace', ...names, '--wait=false', '--ignore-not-found'])
  await kubectl(['delete', 'secret', '-n', 'kube-system', 'metaltasks-secrets', '--ignore-not-found'])
  rmSync(root, { recursive: true, force: true })
})

function tasks(args: string[], env: Record<string, string | undefined> = {}): Promise<Ran> {
  const none = { K8S_NODES: undefined, KUBECONFIG: undefined, NODE: undefined }
  const home = {
    HOME: join(root, 'home'),
    XDG_CONFIG_HOME: join(root, 'home'),
    GNUPGHOME: join(root, 'home'),
  }
  return runTasks(args, { cwd: root, env: { ...none, ...home, SOPS_AGE_KEY: key.identity, ...env } })
}

/** Encrypted by the real sops, as Flux and Argo users have them. */
async function write(
  name: string,
  text: string,
  rule = ['--encrypted-regex', '^(data|stringData)$'],
): Promise<void> {
  const args = ['encrypt', '--age', key.recipient, ...rule, '--filename-override', 'x.yaml']
  writeFileSync(join(root, 'secrets', name), await sopsOutput(args, { input: text }))
}

function secret(name: string, rest: string): string {
  return `apiVersion: v1\nkind: Secret\nmetadata:\n    name: ${name}\n${rest}`
}

async function live(name: string, space = namespace) {
  return JSON.parse(await kubectl(['get', 'secret', name, '-n', space, '-o', 'json']))
}

async function versions(): Promise<unknown> {
  const columns = '-o=jsonpath={range .items[*]}{.metadata.name}={.metadata.resourceVersion} {end}'
  return kubectl(['get', 'secrets', '-A', columns])
}

const password = 'p$DOMAIN-correct-horse-7'

describe('tasks secrets:apply', () => {
  test('applies what sops encrypted: data and stringData, in its place, a dollar sign as it is', async () => {
    await write('db.yaml', secret('db', `data:\n    user: a2lt\nstringData:\n    password: ${password}\n`))
    await write('whole.yml', secret('whole', 'type: Opaque\nstringData:\n    token: "123"\n'), [])
    await write('other-place/far.yaml', secret('far', 'stringData:\n    a: value-of-far\n'))
    await write('values.yaml', 'chart:\n    password: not-for-the-cluster\n')
    const ran = await tasks(['secrets:apply', '--yes'])
    expect(ran.exitCode, ran.stderr).toBe(0)
    expect(ran.stderr).toContain(`+ create Secret ${namespace}/db`)
    expect((await live('db')).data).toEqual({
      user: 'a2lt',
      password: Buffer.from(password).toString('base64'),
    })
    expect((await live('whole')).data).toEqual({ token: Buffer.from('123').toString('base64') })
    expect(await live('far', 'other-place')).not.toHaveProperty('sops')
    expect(ran.stdout + ran.stderr).not.toContain(password)
  })

  test('the second run writes nothing', async () => {
    const before = await versions()
    const ran = await tasks(['secrets:apply', '--json'])
    expect(ran.exitCode, ran.stderr).toBe(0)
    expect(JSON.parse(ran.stdout)).toMatchObject({ outcome: 'done', changes: [] })
    expect(await versions()).toEqual(before)
  })

  test('an edited secret is updated, alone, and the plan shows its key and no value', async () => {
    const file = join(root, 'secrets/db.yaml')
    await sopsOutput(['set', file, '["stringData"]["password"]', '"new-password-42-here"'], {
      env: { SOPS_AGE_KEY: key.identity },
    })
    const before = await versions()
    const plan = await tasks(['secrets:apply', '--dry-run', '--verbose'])
    expect(plan.stderr + plan.stdout).toContain(`~ update Secret ${namespace}/db`)
    expect(plan.stderr + plan.stdout).toMatch(/- {3}password: \(masked\)/)
    for (const text of ['new-password-42-here', password, Buffer.from(password).toString('base64')]) {
      expect(plan.stderr + plan.stdout).not.toContain(text)
    }
    expect(await versions()).toEqual(before)
    const ran = await tasks(['secrets:apply', 'db', '--yes', '--json'])
    expect(ran.exitCode, ran.stderr).toBe(0)
    expect(JSON.parse(ran.stdout).changes).toHaveLength(1)
    expect(Buffer.from((await live('db')).data.password, 'base64').toString()).toBe('new-password-42-here')
    expect(ran.stdout + ran.stderr).not.toContain('new-password-42-here')
  })

  test('nothing of a value is left in the journal', () => {
    const journal = join(root, '.tasks')
    const texts = readdirSync(journal, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    expect(texts.join('').length).toBeGreaterThan(0)
    expect(texts.join('')).not.toMatch(/correct-horse|new-password|value-of-far/)
  })

  test('nothing of a value is in an argument, an environment or a file on a disk while it is applied', async () => {
    const marker = 'marker-of-apply-5JqX8'
    await write('watched.yaml', secret('watched', `stringData:\n    token: ${marker}\n`))
    const { K8S_NODES: _nodes, KUBECONFIG: _config, NODE: _node, ...environment } = process.env
    const seen = await watch([process.execPath, ...tasksWords(['secrets:apply', '--yes', '--verbose'])], {
      ...{ cwd: root, secrets: [marker] },
      env: {
        ...(environment as Record<string, string>),
        HOME: join(root, 'home'),
        SOPS_AGE_KEY: key.identity,
      },
    })
    expect(seen.exitCode, seen.stderr).toBe(0)
    expect(seen).toMatchObject({ leaks: [], starts: expect.any(Number) })
    expect(seen.writes).toBeGreaterThan(0)
    expect(seen.stderr + seen.stdout).not.toContain(marker)
    expect(filesWith([marker], [root])).toEqual([])
    expect(Buffer.from((await live('watched')).data.token, 'base64').toString()).toBe(marker)
  })

  test('a workload that asks for it is rolled when a Secret of its changes, and only then', async () => {
    const manifest = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  annotations: { metaltasks/roll-on-secrets: "true" }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: web
          image: web:1
          envFrom: [{ secretRef: { name: db } }]
`
    writeFileSync(join(root, 'manifests/web.yaml'), manifest)
    const generation = async () =>
      kubectl(['get', 'deployment', 'web', '-n', namespace, '-o', 'jsonpath={.metadata.generation}'])
    expect((await tasks(['apply', 'web', '--yes'])).exitCode).toBe(0)
    const first = await generation()
    expect(JSON.parse((await tasks(['apply', 'web', '--json'])).stdout).changes).toEqual([])
    await write('db.yaml', secret('db', 'stringData:\n    password: a-third-password-3\n'))
    expect((await tasks(['secrets:apply', 'db', '--yes'])).exitCode).toBe(0)
    const ran = await tasks(['apply', 'web', '--yes', '--json'])
    expect(JSON.parse(ran.stdout).changes).toHaveLength(1)
    expect(Number(await generation())).toBe(Number(first) + 1)
  })

  test('what cannot be opened is told of at once, and nothing at all is applied', async () => {
    const other = freshAgeKey()
    const before = await versions()
    const ran = await tasks(['secrets:apply', '--yes'], { SOPS_AGE_KEY: other.identity })
    expect(ran.exitCode).toBe(1)
    for (const name of ['db.yaml', 'whole.yml', 'far.yaml']) expect(ran.stderr).toContain(name)
    expect(ran.stderr).toContain(key.recipient)
    expect(ran.stderr).not.toContain(other.identity)
    expect(await versions()).toEqual(before)
  })

  test('install includes the Secrets, and without their key it stops before anything is changed', async () => {
    const ran = await tasks(['install', '--only', 'secrets', '--yes', '--json'])
    expect(ran.exitCode, ran.stderr).toBe(0)
    expect(JSON.parse(ran.stdout).steps).toMatchObject([{ name: 'secrets' }])
    const keyless = await tasks(['install', '--yes'], { SOPS_AGE_KEY: undefined })
    expect(keyless.exitCode).toBe(1)
    expect(keyless.stderr).toContain('cannot be opened: none of its keys is at hand')
    expect(keyless.stderr.match(/looked at/g)).toHaveLength(1)
    expect(keyless.stderr).toMatch(/the same holds for 4 more: .*\.ya?ml, /)
    const daemons = await kubectl(['get', 'daemonsets', '-A', '-o', 'name'])
    expect(daemons).not.toContain('flannel')
    // What is not asked for need not be opened.
    const flannel = await tasks(['plan', '--only', 'priority-classes'], { SOPS_AGE_KEY: undefined })
    expect(flannel.exitCode, flannel.stderr).toBe(0)
  })

  test.each([
    ['a type that lacks its key', 'type: kubernetes.io/tls\nstringData:\n    tls.crt: x\n', 'tls.key'],
    ['more than 1 MiB', `stringData:\n    big: ${'x'.repeat(1_100_000)}\n`, 'more than the 1048576'],
    ['a key that is no file name', 'stringData:\n    a b: hidden-value-1\n', 'expected as the key'],
    ['data that is not base64', 'data:\n    a: "%%hidden-value-1"\n', 'base64'],
  ])('%s is refused with file and line, without the value', async (_, rest, reason) => {
    await write('bad.yaml', secret('bad', rest))
    const ran = await tasks(['secrets:apply', 'bad', '--yes'])
    rmSync(join(root, 'secrets/bad.yaml'))
    expect(ran.exitCode).toBe(1)
    expect(ran.stderr).toMatch(/secrets\/bad\.yaml:\d+/)
    expect(ran.stderr).toContain(reason)
    expect(ran.stderr).not.toContain('hidden-value-1')
  })

  test('a file with other things is refused by name and passed over otherwise', async () => {
    const ran = await tasks(['secrets:apply', 'values', '--yes'])
    expect(ran.exitCode).toBe(1)
    expect(ran.stderr).toContain('secrets/values.yaml: holds no Kubernetes objects')
  })

  test('a Secret whose file is gone is deleted, and without any file it takes a word', async () => {
    rmSync(join(root, 'secrets/whole.yml'))
    const ran = await tasks(['secrets:apply', '--yes'])
    expect(ran.exitCode, ran.stderr).toBe(0)
    expect(ran.stderr).toContain(`- delete Secret ${namespace}/whole`)
    for (const name of ['db.yaml', 'watched.yaml', 'other-place/far.yaml'])
      rmSync(join(root, 'secrets', name))
    const refused = await tasks(['secrets:apply', '--yes'])
    expect(refused.exitCode).toBe(1)
    expect(refused.stderr).toContain('--prune-many')
    expect((await tasks(['secrets:apply', '--yes', '--prune-many'])).exitCode).toBe(0)
    expect(await kubectl(['get', 'secrets', '-n', namespace, '-o', 'name'])).not.toContain('db')
  })
})
