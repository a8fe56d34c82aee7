import { expect, test } from 'vitest'
import { planLayer } from '../../tasks/lib/addons/layer.ts'
import { askedNodes } from '../../tasks/lib/addons/node-parts.ts'
import type { NodePart } from '../../tasks/lib/addons/part.ts'
import { createOutput } from '../../tasks/lib/cli/output.ts'
import { temporaryFolder } from '../support/cli.ts'
import { testConfig } from '../support/config.ts'
import { countingMachine, textResource } from '../support/machines.ts'
import { screen } from '../support/screen.ts'

const node = (name: string) => ({ name, roles: [], labels: {}, taints: [], volumes: [] })

function configOf(variable?: string) {
  const config = testConfig('/nowhere', { nodes: ['kube1.example.com', 'kube2.example.com'].map(node) })
  const value = { name: 'NODE', value: variable ?? '', origin: 'environment' }
  return { ...config, variables: new Map([['NODE', value]]) }
}

test.each<[string, string | undefined, string[], string[]]>([
  ['all nodes where nothing is said', undefined, [], ['kube1.example.com', 'kube2.example.com']],
  ['$NODE', 'kube2', [], ['kube2.example.com']],
  ['those that are named, whatever $NODE is', 'kube2', ['kube1'], ['kube1.example.com']],
])('a task is about %s', (_, variable, named, expected) => {
  expect(askedNodes(configOf(variable), named).map(({ name }) => name)).toEqual(expected)
})

test('a node that nobody knows is refused', () => {
  expect(() => askedNodes(configOf('kube7'))).toThrow('no node is named kube7')
})

function layerOf(
  parts: NodePart[],
  { files, only = [] }: { files: Record<string, string>; only?: string[] },
) {
  const output = createOutput({ stdout: screen(), stderr: screen(), environment: {} })
  const options = { dryRun: true, only, yes: false, verbose: false, json: false, sandbox: false }
  const signal = new AbortController().signal
  return planLayer(parts, { name: 'install', root: temporaryFolder(files), output, options, signal })
}

const cluster = {
  'cluster.yaml':
    'name: home\nnodes:\n  - { name: kube1, address: 127.0.0.1, roles: [control-plane, worker] }\n',
}

function part(name: string, work: NodePart['nodes']): NodePart {
  return { name, title: name, nodes: work }
}

test('a plan of machines needs no API server, and leaves out what it has no use for', async () => {
  const machine = countingMachine('kube1')
  const resources = [textResource('/nonexistent/a')]
  const parts = [part('one', () => [{ machine, resources }]), part('none', () => [])]
  const plan = await layerOf(parts, { files: cluster })
  expect(plan.target).toBe('machines of cluster home')
  expect(plan.steps.map(({ name }) => name)).toEqual(['one'])
  expect(machine.scripts).toHaveLength(1)
})

test('a part knows which others are in the plan', async () => {
  let seen: readonly string[] = []
  const watching = part('two', ({ parts }) => {
    seen = parts
    return []
  })
  const all = [part('one', () => []), watching]
  await layerOf(all, { files: cluster })
  expect(seen).toEqual(['one', 'two'])
  await layerOf(all, { files: cluster, only: ['two'] })
  expect(seen).toEqual(['two'])
})

test('simulated nodes are asked nothing', async () => {
  const asked = part('one', () => {
    throw new Error('asked')
  })
  const plan = await layerOf([asked], { files: { '.env': 'DOMAIN=example.com\n' } })
  expect(plan).toMatchObject({ target: 'simulated machines of cluster home', steps: [] })
  expect(plan.findings.map(({ message }) => message)).toContain(
    'simulated: no machine stands behind kube1, kube2, kube3',
  )
})
