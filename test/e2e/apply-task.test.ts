import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, inject, test } from 'vitest'
import { type Ran, runTasks } from '../support/cli.ts'
import { kubectlWith } from '../support/kubectl.ts'

const { kubeconfig, nodes } = inject('sandbox')
const kubectl = kubectlWith(inject('kubectl'), kubeconfig)
const root = mkdtempSync(join(tmpdir(), 'apply-task-'))

// A configured cluster, as far as the tasks can tell: they ask before they change it.
mkdirSync(join(root, 'manifests'))
writeFileSync(join(root, '.env'), `K8S_NODES="${nodes.join(' ')}"\nK8S_KUBECONFIG=${kubeconfig}\n`)

afterAll(async () => {
  await kubectl(['delete', 'namespace', 'apply-task', '--wait=false', '--ignore-not-found'])
  rmSync(root, { recursive: true, force: true })
})

function tasks(...args: string[]): Promise<Ran> {
  return runTasks(args, { cwd: root, env: { K8S_NODES: undefined, KUBECONFIG: undefined, NODE: undefined } })
}

function write(name: string, text: string): void {
  writeFileSync(join(root, 'manifests', `${name}.yaml`), text)
}

const namespace = 'apiVersion: v1\nkind: Namespace\nmetadata: { name: apply-task }\n'

function confs(color: string): string {
  const one = `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: conf, namespace: apply-task }\ndata: { color: ${color} }\n`
  return `${namespace}---\n${one}`
}

describe('tasks apply, diff and delete', () => {
  test('without a terminal nothing is asked and nothing is done: the option that answers is named', async () => {
    write('web', confs('red'))
    const ran = await tasks('apply', 'web')
    expect(ran.exitCode, ran.stderr).toBe(64)
    expect(ran.stderr).toContain('--yes')
    expect(await kubectl(['get', 'namespace', '-o', 'name'])).not.toContain('apply-task')
  })

  test('apply makes the objects, and the second time there is nothing to do', async () => {
    const first = await tasks('apply', 'web', '--yes')
    expect(first.exitCode, first.stderr).toBe(0)
    expect(first.stderr).toContain('+ create ConfigMap apply-task/conf')
    const second = await tasks('apply', 'web', '--json')
    expect(second.exitCode, second.stderr).toBe(0)
    expect(JSON.parse(second.stdout)).toMatchObject({ outcome: 'done', changes: [] })
    expect(second.stderr).toContain('nothing to do: 2 objects as wanted')
  })

  test('diff prints what would change and ends 2 when asked for an exit code', async () => {
    expect(await tasks('diff', 'web', '--exit-code')).toMatchObject({ exitCode: 0 })
    write('web', confs('blue'))
    const ran = await tasks('diff', 'web', '--exit-code')
    expect(ran.exitCode).toBe(2)
    expect(ran.stdout).toContain('~ update ConfigMap apply-task/conf')
    expect(ran.stdout).toContain('    data:\n  -   color: red\n  +   color: blue\n')
    expect(await tasks('diff', 'web')).toMatchObject({ exitCode: 0 })
    expect(await kubectl(['-n', 'apply-task', 'get', 'cm', 'conf', '-o', 'jsonpath={.data.color}'])).toBe(
      'red',
    )
  })

  test('one change that cannot be made, and nothing at all is changed', async () => {
    await kubectl([
      '-n',
      'apply-task',
      'patch',
      'cm',
      'conf',
      '--type=merge',
      '-p',
      '{"data":{"color":"green"}}',
    ])
    write(
      'web',
      `${confs('blue')}---\napiVersion: v1\nkind: ServiceAccount\nmetadata: { name: web, namespace: apply-task }\n`,
    )
    const ran = await tasks('apply', 'web', '--yes')
    expect(ran.exitCode).toBe(1)
    expect(ran.stderr).toContain(
      'manifests/web.yaml:8:9: ConfigMap apply-task/conf: data.color belongs to kubectl-patch: "green" there, "blue" in the manifest',
    )
    expect(ran.stderr).toContain('hint: to take over, type: tasks apply web --force-conflicts')
    expect(ran.stderr).toContain('nothing was changed')
    expect(await kubectl(['-n', 'apply-task', 'get', 'sa', '-o', 'name'])).not.toContain('web')
    expect(await tasks('apply', 'web', '--yes', '--force-conflicts')).toMatchObject({ exitCode: 0 })
  })

  test('time that is up ends with the pod, its events and what to look at', async () => {
    write('slow', slow('unready'))
    const ran = await tasks('apply', 'slow', '--yes', '--timeout', '3')
    expect(ran.exitCode).toBe(1)
    expect(ran.stderr).toContain('Deployment apply-task/slow is not ready: 0 of 1 available')
    expect(ran.stderr).toMatch(/note: pod slow-\S+: not ready: app/)
    expect(ran.stderr).toContain('note: event: Unhealthy: Readiness probe failed')
    expect(await tasks('apply', 'slow', '--yes', '--no-wait')).toMatchObject({ exitCode: 0 })
  })

  test('replacing takes the name that is replaced, which --yes does not give', async () => {
    write('slow', slow('unready').replaceAll('app: slow', 'app: other'))
    expect(await tasks('apply', 'slow', '--yes', '--replace', 'Deployment/slow')).toMatchObject({
      exitCode: 64,
    })
    const named = ['--replace', 'Deployment/slow', '--confirm', 'Deployment/slow', '--no-wait']
    expect(await tasks('apply', 'slow', ...named)).toMatchObject({ exitCode: 0 })
    const label = [
      '-n',
      'apply-task',
      'get',
      'deploy',
      'slow',
      '-o',
      'jsonpath={.spec.selector.matchLabels.app}',
    ]
    expect(await kubectl(label)).toBe('other')
  })

  test('delete takes the set away when its file is gone, and the second time there is nothing to do', async () => {
    rmSync(join(root, 'manifests', 'web.yaml'))
    const first = await tasks('delete', 'web', '--yes')
    expect(first.exitCode, first.stderr).toBe(0)
    expect(first.stderr).toContain('- delete ConfigMap apply-task/conf')
    expect(first.stderr).toContain('note: Namespace apply-task stays: deleting it takes --include-namespaces')
    expect(await tasks('delete', 'slow', '--yes')).toMatchObject({ exitCode: 0 })
    const last = await tasks('delete', 'web', '--yes', '--include-namespaces')
    expect(last.exitCode, last.stderr).toBe(0)
    const again = await tasks('delete', 'web', '--yes', '--include-namespaces')
    expect(again).toMatchObject({ exitCode: 0 })
    expect(again.stderr).toContain('nothing to do')
  })

  test('volumes take the set’s name, which --yes does not give', async () => {
    const volume = { capacity: '{ storage: 1Gi }', accessModes: '[ReadWriteOnce]', hostPath: '{ path: /x }' }
    const spec = Object.entries(volume).map(([key, value]) => `  ${key}: ${value}\n`)
    write(
      'disk',
      `apiVersion: v1\nkind: PersistentVolume\nmetadata: { name: apply-task-disk }\nspec:\n${spec.join('')}`,
    )
    expect(await tasks('apply', 'disk', '--yes')).toMatchObject({ exitCode: 0 })
    expect(await tasks('delete', 'disk', '--yes', '--include-volumes')).toMatchObject({ exitCode: 64 })
    expect(await kubectl(['get', 'pv', '-o', 'name'])).toContain('apply-task-disk')
    expect(await tasks('delete', 'disk', '--confirm', 'disk', '--include-volumes')).toMatchObject({
      exitCode: 0,
    })
    expect(await kubectl(['get', 'pv', '-o', 'name'])).not.toContain('apply-task-disk')
  })
})

function slow(simulate: string): string {
  const container = '[{ name: app, image: "app:1" }]'
  const template = `{ metadata: { labels: { app: slow }, annotations: { metaltasks/simulate: ${simulate} } }, spec: { containers: ${container} } }`
  return `apiVersion: apps/v1
kind: Deployment
metadata: { name: slow, namespace: apply-task }
spec: { selector: { matchLabels: { app: slow } }, template: ${template} }
`
}
