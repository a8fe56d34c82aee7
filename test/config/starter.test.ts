import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadConfig } from '../../tasks/lib/config/config.ts'
import { addMissingLines, writeNewFile } from '../../tasks/lib/config/starter/new-files.ts'
import { parseStarterNode, starterFiles, usualControlPlanes } from '../../tasks/lib/config/starter/starter.ts'
import type { StarterAnswers } from '../../tasks/lib/config/starter/starter-answers.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'starter-'))
})
afterEach(() => rm(folder, { recursive: true }))

const defaults: StarterAnswers = {
  domain: 'home.lan',
  namespace: 'worker',
  timezone: 'Europe/Berlin',
  nodes: [],
  controlPlanes: [],
  loadBalancerRanges: [],
}
const nodes = [
  { name: 'kube1', address: '192.168.1.11' },
  { name: 'kube2', address: 'fd00::12' },
  { name: 'kube3' },
]
const full: StarterAnswers = {
  ...defaults,
  nodes,
  controlPlanes: ['kube1', 'kube2', 'kube3'],
  loadBalancerRanges: ['192.168.1.240/28', 'fd00:1::/64'],
  schema: './docs/cluster.schema.json',
}

test.each([
  ['the defaults', defaults, false],
  ['three nodes and a range', full, true],
])('the files of init load without a finding: %s', async (_case, answers, configured) => {
  const config = await write(answers)
  expect(config.findings).toEqual([])
  expect(config.configured).toBe(configured)
  expect(config.variables.get('DOMAIN')).toMatchObject({ value: 'home.lan', origin: '.env:3' })
  expect(config.cluster.loadBalancerRanges).toEqual(answers.loadBalancerRanges)
})

test('the nodes that were given are in cluster.yaml with addresses and roles', async () => {
  const { cluster } = await write({ ...full, controlPlanes: ['kube1'] })
  expect(cluster.nodes.map(({ name, address, roles }) => [name, address, roles])).toEqual([
    ['kube1', '192.168.1.11', ['control-plane', 'worker']],
    ['kube2', 'fd00::12', ['worker']],
    ['kube3', undefined, ['worker']],
  ])
})

test.each([
  ['the defaults', defaults],
  ['three nodes and a range', full],
])('every line that is switched off loads when its "#" is taken away: %s', async (_case, answers) => {
  const config = await write(answers, (text) => text.replace(/^#(?=[A-Za-z]| {2})/gm, ''))
  expect(config.findings).toEqual([])
  expect(config.cluster).toMatchObject({
    context: 'sudo',
    endpoint: { host: 'kube.home.lan', port: 6443 },
    addons: { headlamp: { enabled: false } },
  })
  expect(config.cluster.nodes.at(-1)!.volumes).toHaveLength(1)
  expect(config.variables.get('NFS_HOST')).toMatchObject({ value: 'nfs.home.lan' })
  expect(config.variables.get('NFS_HOST')!.origin).toMatch(/^\.env:/)
})

test('an editor finds the schema by the first line', () => {
  const [clusterFile] = starterFiles(full)
  expect(clusterFile!.text.split('\n')[0]).toBe('# yaml-language-server: $schema=./docs/cluster.schema.json')
})

test('a file that exists is kept as it is, and no temporary file is left', async () => {
  await writeFile(join(folder, 'cluster.yaml'), 'name: mine\n')
  expect(await writeNewFile(folder, { name: 'cluster.yaml', text: 'name: other\n' })).toBe(false)
  expect(await writeNewFile(folder, { name: '.env', text: 'TZ=UTC\n' })).toBe(true)
  expect(await readFile(join(folder, 'cluster.yaml'), 'utf8')).toBe('name: mine\n')
  expect((await readdir(folder)).sort()).toEqual(['.env', 'cluster.yaml'])
})

test('.gitignore gets the lines that it lacks, once', async () => {
  const lines = ['.env', '.tasks/']
  await writeFile(join(folder, '.gitignore'), 'dist/\r\n.env')
  expect(await addMissingLines(folder, { name: '.gitignore', lines })).toEqual(['.tasks/'])
  expect(await addMissingLines(folder, { name: '.gitignore', lines })).toEqual([])
  expect(await readFile(join(folder, '.gitignore'), 'utf8')).toBe('dist/\r\n.env\n.tasks/\n')
  expect(await readdir(folder)).toEqual(['.gitignore'])
})

test.each([
  ['kube1', { name: 'kube1' }],
  ['kube1=192.168.1.11', { name: 'kube1', address: '192.168.1.11' }],
  ['kube1:192.168.1.11', { name: 'kube1', address: '192.168.1.11' }],
  ['kube1=fd00::11', { name: 'kube1', address: 'fd00::11' }],
])('%s is a node', (text, node) => {
  expect(parseStarterNode(text)).toEqual(node)
})

test.each([
  [1, ['a']],
  [2, ['a']],
  [3, ['a', 'b', 'c']],
  [5, ['a', 'b', 'c']],
])('of %i nodes the usual control planes are %j', (count, expected) => {
  const given = ['a', 'b', 'c', 'd', 'e'].slice(0, count).map((name) => ({ name }))
  expect(usualControlPlanes(given)).toEqual(expected)
})

async function write(answers: StarterAnswers, change = (text: string) => text) {
  for (const { name, text } of starterFiles(answers)) await writeFile(join(folder, name), change(text))
  return loadConfig(folder, { environment: {} })
}
