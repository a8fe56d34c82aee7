import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findingText } from '../../tasks/lib/cli/terminal/finding-text.ts'
import { loadConfig } from '../../tasks/lib/config/config.ts'
import { moveIn } from '../../tasks/lib/config/moving-in/moving-in.ts'
import { runTasks } from '../support/cli.ts'

const fixtures = join(import.meta.dirname, '../fixtures/old-toolkit')
const names = ['home', 'inventory-yaml', 'of-2018']

let project: string
beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'moving-in-'))
})
afterEach(() => rm(project, { recursive: true }))

describe.each(names)('the old toolkit %s', (name) => {
  const folder = join(fixtures, name)

  test('becomes the files and the findings that stand beside it', async () => {
    const { files, findings } = moveIn(folder, { environment: {} })
    const said = findings.map((finding) => findingText(finding)).join('\n')
    const expected = (file: string) => join(fixtures, `${name}.expected`, file)
    await expect(files[0]!.text).toMatchFileSnapshot(expected('cluster.yaml'))
    await expect(files[1]!.text).toMatchFileSnapshot(expected('env'))
    await expect(said.replaceAll(`${folder}/`, '')).toMatchFileSnapshot(expected('findings'))
  })

  test('makes a configuration without errors', async () => {
    const config = await load(folder)
    expect(config.findings.filter(({ severity }) => severity === 'error')).toEqual([])
    expect(config.configured).toBe(true)
    expect(config.cluster.context).toBe('sudo')
  })

  test('keeps every password and key to itself', () => {
    const { files, findings } = moveIn(folder, { environment: {} })
    const all = JSON.stringify({ files, findings })
    for (const secret of ['correct horse', '4fd2a8c1e7', '0123456789abcdef', '61626364']) {
      expect(all).not.toContain(secret)
    }
  })
})

test('the volumes of the old playbook keep their names, groups, sizes and places', async () => {
  const { cluster } = await load(join(fixtures, 'home'))
  const [, , kube2] = cluster.nodes
  expect(kube2).toMatchObject({ name: 'kube2.attic.example', roles: ['worker'], labels: { disk: 'ssd' } })
  expect(kube2!.volumes).toEqual([
    {
      name: 'volkube',
      vg: 'data-kube2',
      size: '100000Mi',
      path: '/var/lib/docker/k8s-volumes',
      filesystem: 'ext4',
      inodes: 10_000_000,
    },
    {
      name: 'music',
      vg: 'data-kube2',
      size: '1.5Ti',
      path: '/var/lib/docker/k8s-volumes/music',
      filesystem: 'xfs',
    },
  ])
  expect(cluster.keyServer).toEqual({ host: 'keys.attic.example', path: '/masterlock' })
})

test('what the environment says wins over "?=", as it did for make', async () => {
  const environment = { DOMAIN: 'other.example', SPAMC_HOST: 'never', K8S_NODES: 'kube1.attic.example' }
  const { files } = moveIn(join(fixtures, 'home'), { environment })
  const env = files[1]!.text
  expect(env).toContain('DOMAIN=other.example # DOMAIN of the environment, over k8s/Makefile.vars:2')
  expect(env).toContain('SPAMC_HOST=$SPAMASSASSIN_IP')
  expect(env).toContain('NODES="kube1.attic.example"')
})

describe('tasks init --from', () => {
  const from = join(fixtures, 'home')

  test('writes the files once, and a second run changes nothing', async () => {
    const first = await runTasks(['init', project, '--from', from])
    expect(first).toMatchObject({ exitCode: 0 })
    expect(first.stderr).toContain('cluster.yaml: written')
    const written = await contents()
    const second = await runTasks(['init', project, '--from', from])
    expect(second.stderr).toContain('cluster.yaml: kept as it is')
    expect(await contents()).toEqual(written)
  })

  test('leaves a cluster.yaml alone that is there', async () => {
    await writeFile(join(project, 'cluster.yaml'), 'name: mine\n')
    const { stderr } = await runTasks(['init', project, '--from', from])
    expect(stderr).toContain('cluster.yaml: kept as it is')
    expect(await readFile(join(project, 'cluster.yaml'), 'utf8')).toBe('name: mine\n')
  })

  test('writes nothing in a dry run', async () => {
    const { stderr } = await runTasks(['init', project, '--from', from, '--dry-run'])
    expect(stderr).toContain('cluster.yaml: would be written')
    expect(await readdir(project)).toEqual([])
  })

  test('takes no answers beside it', async () => {
    const { exitCode, stderr } = await runTasks(['init', project, '--from', from, '--domain', 'home.lan'])
    expect(exitCode).toBe(64)
    expect(stderr).toContain('--domain does not go with --from')
  })

  test('writes nothing where a file is broken, and names the line', async () => {
    const half = join(fixtures, 'half-written')
    const { exitCode, stderr } = await runTasks(['init', project, '--from', half])
    expect(exitCode).toBe(1)
    expect(stderr).toContain('half-written/ansible/group_vars/k8s_nodes.yml:4: this is no whole YAML file')
    expect(await readdir(project)).toEqual([])
  })
})

async function contents(): Promise<Record<string, string>> {
  const files = (await readdir(project)).sort()
  const texts = await Promise.all(files.map((name) => readFile(join(project, name), 'utf8')))
  return Object.fromEntries(files.map((name, index) => [name, texts[index]!]))
}

async function load(folder: string) {
  for (const { name, text } of moveIn(folder, { environment: {} }).files) {
    await writeFile(join(project, name), text)
  }
  return loadConfig(project, { environment: {} })
}
