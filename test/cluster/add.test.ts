import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { workersWork } from '../../tasks/lib/cluster/setup/join-work.ts'
import { setupScene } from '../../tasks/lib/cluster/setup/scene.ts'
import { approverWork, servingWork } from '../../tasks/lib/cluster/setup/serving-work.ts'
import type { ClusterNode, Role } from '../../tasks/lib/config/model.ts'
import { servingNames } from '../../tasks/lib/node/approver/table.ts'
import { servingNamesFile } from '../../tasks/lib/node/kubeadm/paths.ts'
import { surveyKubernetes } from '../../tasks/lib/node/kubeadm/survey.ts'
import { planNodes } from '../../tasks/lib/node/plan/plan-nodes.ts'
import { testConfig } from '../support/config.ts'
import { fakePrograms } from '../support/fake-kubeadm.ts'
import { makeControlPlane } from '../support/made-control-plane.ts'
import { relocatedMachine } from '../support/relocated-machine.ts'

const signal = new AbortController().signal

function node(name: string, role: Role, address: string): ClusterNode {
  return { name, address, roles: [role], labels: {}, taints: [], volumes: [] }
}

test('node:add sends the other machines one call for a token and its deletion, and one machine of them', async () => {
  const nodes = [
    node('cp1', 'control-plane', '10.0.0.11'),
    node('cp2', 'control-plane', '10.0.0.12'),
    node('w1', 'worker', '10.0.0.21'),
    node('w2', 'worker', '10.0.0.22'),
  ]
  const machines = new Map(nodes.map(({ name }) => [name, relocatedMachine(name, fakePrograms)]))
  const of = ({ name }: { name: string }) => machines.get(name)!
  for (const name of ['cp1', 'cp2']) makeControlPlane(of({ name }))
  const table = join(machines.get('cp1')!.root, servingNamesFile)
  mkdirSync(dirname(table))
  writeFileSync(table, servingNames(nodes.slice(0, 3)))
  const survey = await surveyKubernetes(nodes.map(of), { parallel: 4, signal })
  const asked = [...machines.values()].map(({ scripts }) => scripts.length)
  expect(asked).toEqual([1, 1, 1, 1])

  const endpoint = {
    host: '10.0.0.10',
    port: 8443,
    provider: 'external' as const,
    interface: 'eth0',
    routerId: 51,
  }
  const config = testConfig('/', { nodes, endpoint })
  const scene = setupScene({ config, machines: { of }, nodes: [nodes[3]!], survey })
  expect(scene.standing.kind).toBe('made')
  expect(approverWork(scene)).toEqual([])
  const joining = { name: 'workers', title: 'Workers', work: workersWork(scene) }
  const serving = { name: 'serving', title: 'Serving certificates', work: servingWork(scene) }
  const { steps } = await planNodes([joining, serving], { parallel: 4 })
  const changes = steps.map(({ waves }) => waves.flatMap((wave) => wave.changes))
  for (const change of changes[0]!) await change.run({ say: () => {}, signal })

  const sent = Object.fromEntries([...machines].map(([name, { scripts }]) => [name, scripts.length - 1]))
  expect(sent).toEqual({ cp1: 2, cp2: 0, w1: 0, w2: 2 })
  expect(readFileSync(table, 'utf8')).toBe(servingNames(nodes))
  expect(readFileSync(join(machines.get('cp1')!.root, 'log'), 'utf8')).toContain(
    'systemctl start metaltasks-serv',
  )
  // Waiting for the certificate is the node's own affair.
  expect(changes[1]!.map(({ title }) => title)).toEqual([
    'w2: wait for the serving certificate of the kubelet',
  ])
  expect(JSON.stringify(changes[1])).not.toContain('a control plane runs')
})
