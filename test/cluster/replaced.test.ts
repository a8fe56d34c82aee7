import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { TaskError } from '../../tasks/lib/cli/errors.ts'
import type { ClusterScene } from '../../tasks/lib/cluster/cluster.ts'
import { refuseUnjoinable } from '../../tasks/lib/cluster/life/joinable.ts'
import { controlPlanesWork, workersWork } from '../../tasks/lib/cluster/setup/join-work.ts'
import { setupScene } from '../../tasks/lib/cluster/setup/scene.ts'
import type { ClusterNode, NodeVolume, Role } from '../../tasks/lib/config/model.ts'
import { joinedNode } from '../../tasks/lib/node/kubeadm/join.ts'
import { surveyKubernetes } from '../../tasks/lib/node/kubeadm/survey.ts'
import { planNodes } from '../../tasks/lib/node/plan/plan-nodes.ts'
import { testConfig } from '../support/config.ts'
import { fakePrograms } from '../support/fake-kubeadm.ts'
import { changesOn } from '../support/machines.ts'
import { makeControlPlane } from '../support/made-control-plane.ts'
import { relocatedMachine } from '../support/relocated-machine.ts'
import { surveyOf } from '../support/surveys.ts'
import { keylessProject } from '../volumes/project.ts'

const signal = new AbortController().signal

function node(name: string, role: Role, last: number): ClusterNode {
  return { name, address: `10.0.0.${last}`, roles: [role], labels: {}, taints: [], volumes: [] }
}

const nodes = [
  node('cp1', 'control-plane', 11),
  node('cp2', 'control-plane', 12),
  node('cp3', 'control-plane', 13),
  node('w1', 'worker', 21),
  node('w2', 'worker', 22),
]
const w1 = nodes[3]!
const config = testConfig('/project', {
  nodes,
  endpoint: { host: '10.0.0.10', port: 8443, provider: 'external', routerId: 51 },
})

/** A cluster of cp1 that knows cp2 and w1, whose machines are empty now; cp3 has left a member, w2 is new. */
function bed() {
  const machines = new Map(nodes.map(({ name }) => [name, relocatedMachine(name, fakePrograms)]))
  const cp1 = machines.get('cp1')!
  makeControlPlane(cp1)
  mkdirSync(join(cp1.root, 'api'))
  writeFileSync(join(cp1.root, 'api/node'), 'node/cp1\nnode/cp2\nnode/w1\n')
  const members = ['1, started, cp1, https://10.0.0.11:2380', '2, started, cp3, https://10.0.0.13:2380']
  writeFileSync(join(cp1.root, 'api/members'), members.map((one) => `${one}, https://…, false\n`).join(''))
  return { machines, cp1, of: ({ name }: { name: string }) => machines.get(name)! }
}

test('H02 a plan says of each machine that was replaced how it becomes a node again', async () => {
  const { machines, of } = bed()
  const survey = await surveyKubernetes([...machines.values()], { parallel: 4, signal, roster: true })
  expect([...machines.values()].map(({ scripts }) => scripts.length)).toEqual([1, 1, 1, 1, 1])
  const scene = setupScene({ config, machines: { of }, nodes, survey })
  const work = [...controlPlanesWork(scene), ...workersWork(scene)]
  const { steps } = await planNodes([{ name: 'joins', title: 'Joins', work }], { parallel: 4 })
  const changes = steps.flatMap(({ waves }) => waves.flatMap(({ changes }) => changes))
  const told = changes.map(({ lane, blocked }) => [lane, blocked?.message, blocked?.hint])
  expect(told).toEqual([
    ['cp2', expect.stringMatching(/^cp2: the cluster has a node cp2 already/), 'tasks node:rebuild cp2'],
    [
      'cp3',
      expect.stringMatching(/^cp3: etcd has a member at https:\/\/10.0.0.13:2380/),
      'tasks node:rebuild cp3',
    ],
    [
      'w1',
      'w1: the cluster has a node w1 already, and w1 is not the machine that it was',
      'tasks node:rebuild w1',
    ],
    ['w2', undefined, undefined],
  ])
})

test('H02 a join that was planned before it could be known says the same', async () => {
  const { cp1, of } = bed()
  const joining = { machine: of(w1), isControlPlane: false, issuers: [cp1], config: () => '' }
  const [change] = await changesOn(of(w1), [joinedNode(joining)])
  const error = await change!.run({ say: () => {}, signal }).catch((error: TaskError) => error)
  expect((error as TaskError).message).toBe(
    'cp1: w1 gets nothing to join with\nthe cluster has a node w1 already, and w1 is not the machine that it was',
  )
  expect((error as TaskError).findings[0]!.hint).toBe('tasks node:rebuild w1')
})

test('where no control plane tells whom it knows, the plan says nothing of it', async () => {
  const { cp1, machines, of } = bed()
  writeFileSync(join(cp1.root, 'bin/kubectl'), '#!/bin/sh\nexit 1\n')
  writeFileSync(join(cp1.root, 'bin/etcdctl'), '#!/bin/sh\nexit 1\n')
  const survey = await surveyKubernetes([...machines.values()], { parallel: 4, signal, roster: true })
  expect(survey.states.get('cp1')).toMatchObject({ isControlPlane: true, roster: [] })
  const scene = setupScene({ config, machines: { of }, nodes, survey })
  const { steps } = await planNodes([{ name: 'joins', title: 'Joins', work: workersWork(scene) }], {
    parallel: 4,
  })
  const changes = steps.flatMap(({ waves }) => waves.flatMap(({ changes }) => changes))
  expect(changes.map(({ lane, blocked }) => [lane, blocked])).toEqual([
    ['w1', undefined],
    ['w2', undefined],
  ])
})

const plane = { isMember: true, isControlPlane: true, roster: ['node/cp1', 'node/w1'] }

/** What is said of w1, as a message with its hint. */
function saidOfWorker(state: object, volumes: NodeVolume[] = []): string[] {
  const { of } = bed()
  const survey = surveyOf({ cp1: plane, w1: state })
  const scene = setupScene({ config, machines: { of }, nodes: [{ ...w1, volumes }], survey })
  const [resource] = workersWork({ ...scene, nodes: [{ ...w1, volumes }] })[0]!.resources
  const { actions } = resource!.plan({ stdout: 'record \n', stderr: '', exitCode: 0 })
  return actions.flatMap(({ blocked }) => (blocked ? [`${blocked.message}: ${blocked.hint}`] : []))
}

test('a member of the cluster, and one whose join was cut off, is no machine that was replaced', () => {
  expect(saidOfWorker({})).toHaveLength(1)
  expect(saidOfWorker({ isMember: true })).toEqual([])
  expect(saidOfWorker({ begun: 'join' })).toEqual([])
})

test('a machine whose /etc/kubernetes may not be mounted is opened before anybody thinks it was replaced', () => {
  const volume = { name: 'kube', vg: 'vg0', size: '1Gi', filesystem: 'ext4' as const }
  expect(saidOfWorker({}, [{ ...volume, path: '/etc/kubernetes' }])).toEqual([
    expect.stringContaining(
      'where /etc/kubernetes is not mounted: tasks volumes; where the machine was replaced: tasks node:rebuild w1',
    ),
  ])
  expect(saidOfWorker({}, [{ ...volume, path: '/etc/kubernetes-data' }])[0]).not.toContain('tasks volumes')
})

test('a rebuild takes away what the cluster knows, so that does not stop it', async () => {
  const { of } = bed()
  const survey = surveyOf({ cp1: plane, w1: {} })
  const project = keylessProject()
  const scene = {
    config,
    machines: { of },
    survey,
    project,
    now: () => new Date(),
  } as unknown as ClusterScene
  await refuseUnjoinable(scene, w1)
  const left = surveyOf({ cp1: plane, w1: {}, cp2: { ...plane, versions: { apiServer: '1.30.0' } } })
  await expect(refuseUnjoinable({ ...scene, survey: left }, w1)).rejects.toThrow(TaskError)
})
