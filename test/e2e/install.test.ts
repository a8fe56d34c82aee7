import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type Ran, run, runTasks, tasksWords } from '../support/cli.ts'

const kubectl = inject('kubectl')

/** A project of its own with a sandbox of its own: nothing configured but what the test writes. */
class Project {
  readonly root = mkdtempSync(join(tmpdir(), 'install-'))
  readonly env = { XDG_STATE_HOME: join(this.root, 'state'), K8S_NODES: undefined, NODE: undefined }

  constructor(env = '') {
    writeFileSync(join(this.root, '.env'), env)
  }

  tasks(...args: string[]): Promise<Ran> {
    return runTasks(args, { cwd: this.root, env: this.env })
  }

  async json(...args: string[]) {
    const ran = await this.tasks(...args, '--json')
    return { ...ran, report: JSON.parse(ran.stdout) }
  }

  /** Every object that install is about, without what the server or a controller writes. */
  async objects(): Promise<Map<string, unknown>> {
    const kinds =
      'ns,sa,cm,svc,ds,deploy,pv,sc,priorityclass,ingressclass,netpol,limits,quota,roles,rolebindings,clusterroles,clusterrolebindings'
    const { kubeconfig } = (await this.json('sandbox:status')).report
    const label = 'applyset.kubernetes.io/part-of'
    const args = ['--kubeconfig', kubeconfig, 'get', kinds, '-A', '-l', label, '-o', 'json']
    const { stdout } = await run(kubectl, args)
    const { items } = JSON.parse(stdout)
    return new Map(
      items.map((item: Item) => [`${item.kind} ${item.metadata.namespace}/${item.metadata.name}`, item]),
    )
  }

  async remove(): Promise<void> {
    await this.tasks('sandbox:down', '--purge')
    rmSync(this.root, { recursive: true, force: true })
  }
}

interface Item {
  kind: string
  metadata: { name: string; namespace?: string; resourceVersion: string; labels: Record<string, string> }
  spec?: unknown
  data?: unknown
}

describe('install with nothing configured', () => {
  const project = new Project()
  let first: Awaited<ReturnType<Project['json']>>

  beforeAll(async () => {
    first = await project.json('install')
  })
  afterAll(() => project.remove())

  test('brings up a control plane, applies the base layer and waits until it is ready', async () => {
    expect(first.exitCode, first.stderr).toBe(0)
    expect(first.report).toMatchObject({ target: 'sandbox home (simulated nodes)', outcome: 'done' })
    const kinds = [...(await project.objects()).keys()].map((key) => key.split(' ')[0])
    expect(kinds.filter((kind) => kind === 'PersistentVolume')).toHaveLength(3 * 41)
    expect(new Set(kinds)).toContain('DaemonSet')
  })

  test('says simulated of what no real machine stands behind', () => {
    expect(first.stderr).toMatch(/of them simulated/)
    expect(first.stderr).toMatch(/no real machine stands behind/)
  })

  test('changes nothing on the second run', async () => {
    const before = await project.objects()
    const { exitCode, report, stderr } = await project.json('install')
    expect(exitCode).toBe(0)
    expect(report.changes).toEqual([])
    expect(stderr).toMatch(/nothing to do/)
    const after = await project.objects()
    const version = (items: Map<string, unknown>) =>
      [...items].map(([key, item]) => [key, (item as Item).metadata.resourceVersion])
    // A controller may still write a status; what install owns must not have been written again.
    const moved = version(after).filter(
      ([key, rv], index) => rv !== version(before)[index]?.[1] && !/Quota/.test(key!),
    )
    expect(moved).toEqual([])
  })

  test('plan says that there is nothing to do, and --exit-code tells scripts', async () => {
    const plan = await project.tasks('plan', '--exit-code')
    expect(plan.stdout).toMatch(
      /^plan for sandbox home \(simulated nodes\)\nnothing to do: \d+ objects as wanted\n$/,
    )
    expect(plan.exitCode).toBe(0)
    writeFileSync(join(project.root, '.env'), 'VERSION_HEADLAMP=0.44.0\n')
    const changed = await project.tasks('plan', '--exit-code')
    writeFileSync(join(project.root, '.env'), '')
    expect(changed.stdout).toMatch(/-\s+image: .*headlamp:v0\.45\.0\n\s*\+\s+image: .*headlamp:v0\.44\.0/)
    expect(changed.exitCode).toBe(2)
  })

  test('a saved plan is applied as it was read, or not at all', async () => {
    writeFileSync(join(project.root, '.env'), 'LIMIT_CPU_DEFAULT=750m\n')
    expect((await project.tasks('plan', '--save', 'next.plan')).exitCode).toBe(0)
    writeFileSync(join(project.root, '.env'), 'LIMIT_CPU_DEFAULT=800m\n')
    const stale = await project.tasks('install', '--plan', 'next.plan')
    expect(stale.exitCode).toBe(1)
    expect(stale.stderr).toContain(
      'error: next.plan: the plan is stale: LimitRange worker/container-defaults moved since; nothing was changed\n' +
        'hint: read it anew: tasks plan --save next.plan\n',
    )
    writeFileSync(join(project.root, '.env'), 'LIMIT_CPU_DEFAULT=750m\n')
    expect((await project.tasks('install', '--plan', 'next.plan')).exitCode).toBe(0)
    writeFileSync(join(project.root, '.env'), '')
    expect((await project.tasks('install')).exitCode).toBe(0)
  })

  test('an unknown step gets a suggestion', async () => {
    const { exitCode, stderr } = await project.tasks('install', '--only', 'flanel')
    expect(exitCode).toBe(64)
    expect(stderr).toContain('error: --only flanel: there is no such step\nhint: did you mean flannel?\n')
  })

  test('nodes get the roles and labels of the configuration', async () => {
    writeFileSync(
      join(project.root, 'cluster.yaml'),
      'nodes:\n  - { name: kube1, roles: [control-plane, worker], labels: { disk: ssd } }\n  - { name: kube9, roles: [worker] }\n',
    )
    const { stderr, exitCode } = await project.tasks('node-labels', '--sandbox', '--yes')
    expect(stderr).toContain('label Node kube9')
    expect(exitCode).toBe(0)
    rmSync(join(project.root, 'cluster.yaml'))
    expect((await project.tasks('install')).exitCode).toBe(0)
  })

  test('persistent-dirs rehearses: it shows the commands, says that nothing is created, and ends with 0', async () => {
    const { stderr, exitCode } = await runTasks(['persistent-dirs'], {
      cwd: project.root,
      env: { ...project.env, NODE: 'kube1' },
    })
    expect(stderr).toContain('note: kube1 is simulated: the commands are shown, nothing is created')
    expect(stderr).toContain('+ kube1: create 41 directories on /var/lib/k8s-volumes')
    expect(stderr).toContain('$ mkdir -p -- /var/lib/k8s-volumes/pool-s/pv-500Mi-0001 ')
    expect(exitCode).toBe(0)
  })
})

test('a configured cluster whose machines cannot be reached is refused, and --sandbox rehearses it', async () => {
  const project = new Project('K8S_NODES="node1.example.com node2.example.com"\n')
  try {
    const refused = await project.tasks('install', '--yes')
    expect(refused.exitCode).toBe(1)
    expect(refused.stderr).toContain('add --sandbox')
    const { exitCode, report } = await project.json(
      'install',
      '--sandbox',
      '--only',
      'persistent,storage-classes',
    )
    expect(exitCode).toBe(0)
    const named = report.changes.map(({ target }: { target: string }) => target)
    expect(named).toContain('PersistentVolume node2-pv-8gi-0010')
  } finally {
    await project.remove()
  }
})

test('an install that is killed again and again ends in the same state', async () => {
  const reference = new Project()
  const killed = new Project()
  try {
    await Promise.all([reference.tasks('sandbox:up'), killed.tasks('sandbox:up')])
    expect((await reference.tasks('install')).exitCode).toBe(0)
    for (const afterLines of [1, 6, 12, 30]) await killAfter(killed, afterLines)
    const { exitCode, stderr } = await killed.tasks('install')
    expect(exitCode, stderr).toBe(0)
    const shape = (items: Map<string, unknown>) =>
      [...items].map(([key, item]) => {
        const { spec, data, metadata } = item as Item
        return [key, metadata.labels, withoutServerFields(spec), data]
      })
    expect(shape(await killed.objects())).toEqual(shape(await reference.objects()))
  } finally {
    await reference.remove()
    await killed.remove()
  }
})

/** Ends an install by SIGKILL as soon as its journal has that many lines, or as soon as it is through. */
async function killAfter(project: Project, lines: number): Promise<void> {
  const journals = () => readdirSync(join(project.root, '.tasks/journal'), { encoding: 'utf8' })
  const before = new Set(readable(journals))
  const child = spawn(process.execPath, tasksWords(['install']), {
    cwd: project.root,
    env: { ...process.env, ...project.env },
    stdio: 'ignore',
  })
  const ended = once(child, 'exit')
  while (child.exitCode === null) {
    const mine = readable(journals).find((name) => name.endsWith('.jsonl') && !before.has(name))
    if (mine && readFileSync(join(project.root, '.tasks/journal', mine), 'utf8').split('\n').length > lines)
      break
    await Promise.race([sleep(2), ended])
  }
  child.kill('SIGKILL')
  await ended
}

function readable(list: () => string[]): string[] {
  try {
    return list()
  } catch {
    return []
  }
}

// Addresses and ports that the server chose differ from one server to the next.
function withoutServerFields(spec: unknown): unknown {
  return JSON.parse(
    JSON.stringify(spec ?? null, (key, value) =>
      /^(clusterIPs?|claimRef|finalizers)$/.test(key) ? undefined : value,
    ),
  )
}
