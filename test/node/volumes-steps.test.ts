import { expect, test } from 'vitest'
import type { ClusterNode } from '../../tasks/lib/config/model.ts'
import { volumeWork } from '../../tasks/lib/volumes/steps.ts'
import { testConfig } from '../support/config.ts'
import { localMachine } from '../support/local-machine.ts'
import { keyedProject } from '../volumes/project.ts'

function node(name: string, paths: string[]): ClusterNode {
  const volumes = paths.map((path, index) => ({
    ...{ name: `v${index}`, vg: 'vg0', size: '1Gi', path, filesystem: 'ext4' as const },
  }))
  return { name, roles: ['worker'], labels: {}, taints: [], volumes }
}

test('keys come before the volumes, outer volumes before inner ones, the boot unit and recovery last', async () => {
  const project = await keyedProject()
  const nodes = [node('kube1', ['/srv/data/inner', '/srv/data']), node('kube2', [])]
  const config = testConfig(project.root, { nodes })
  const machines = { of: ({ name }: { name: string }) => localMachine(name) }
  const work = await volumeWork({ config, machines, nodes, project, now: () => new Date(0) })
  expect(work.map(({ machine }) => machine.name)).toEqual(['kube1'])
  const targets = work[0]!.resources.map(({ target }) => target)
  const order = [
    '/usr/local/sbin/volume-key',
    'volume group vg0',
    'volume v1',
    'volume v0',
    'recovery of volume v1',
  ]
  const places = order.map((wanted) => targets.findIndex((target) => target.includes(wanted)))
  expect(places).toEqual(places.toSorted((one, other) => one - other))
  expect(places[0]).toBe(0)
  expect(targets.at(-1)).toBe('recovery of volume v0')
})
