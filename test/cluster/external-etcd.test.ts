import { expect, test } from 'vitest'
import { etcdMembersWork, externalEtcdWork } from '../../tasks/lib/cluster/external-etcd/work.ts'
import type { ClusterNode } from '../../tasks/lib/config/model.ts'
import type { Machine } from '../../tasks/lib/node/machine.ts'
import { testConfig } from '../support/config.ts'
import { goneMachine } from '../support/machines.ts'
import { keyedProject, keylessProject } from '../volumes/project.ts'

const nodes: ClusterNode[] = ['etcd1', 'etcd2', 'etcd3', 'kube1'].map((name, index) => ({
  name,
  address: `10.0.0.${index + 1}`,
  roles: [name.startsWith('etcd') ? 'etcd' : 'control-plane'],
  labels: {},
  taints: [],
  volumes: [],
}))

/** A machine that answers every question so. */
function answering(name: string, stdout: string): Machine {
  return { name, label: name, run: async () => ({ stdout, stderr: '', exitCode: 0 }) }
}

async function scene(answers: Record<string, string | undefined>, project = keyedProject()) {
  return {
    config: testConfig('/project', { name: 'home', nodes }),
    machines: {
      of: ({ name }: Pick<ClusterNode, 'name'>) =>
        name in answers && answers[name] === undefined
          ? goneMachine(name)
          : answering(name, answers[name] ?? bare),
    },
    nodes,
    survey: { states: new Map(), unreachable: new Map() },
    project: await project,
    now: new Date(),
    signal: new AbortController().signal,
  }
}

const bare = 'empty\nnone none\nend\n'

function targets(work: Awaited<ReturnType<typeof externalEtcdWork>>, name: string): string[] {
  return work.find(({ machine }) => machine.name === name)!.resources.map(({ target }) => target)
}

test('hosts get certificates, settings and a start, control planes a certificate to log in with', async () => {
  const work = await externalEtcdWork(await scene({}))
  expect(work.map(({ machine }) => machine.name)).toEqual(['etcd1', 'etcd2', 'etcd3', 'kube1'])
  expect(targets(work, 'etcd1')).toEqual([
    'group etcd',
    'user etcd',
    'certificate /etc/etcd/pki/server.crt',
    'certificate /etc/etcd/pki/peer.crt',
    'file /etc/etcd/etcd.env',
    'file /etc/systemd/system/etcd.service',
    'data of etcd',
  ])
  expect(targets(work, 'kube1')).toEqual(['certificate /etc/kubernetes/pki/etcd-external/client.crt'])
})

test('nothing is started while one of the hosts does not answer: it may have the data', async () => {
  const cut = await scene({ etcd3: undefined })
  expect(targets(await externalEtcdWork(cut), 'etcd1')).not.toContain('data of etcd')
  expect(await etcdMembersWork(cut)).toEqual([])
})

test('a state of a host that is not understood is a stop', async () => {
  await expect(externalEtcdWork(await scene({ etcd1: 'empty\nhome up\n' }))).rejects.toThrow(
    /the state of its etcd cannot be told/,
  )
})

test('a project without keys is told so in the plan', async () => {
  const work = await externalEtcdWork(await scene({}, Promise.resolve(keylessProject())))
  const certificate = work[0]!.resources.find(({ target }) => target.startsWith('certificate'))!
  const { actions } = certificate.plan({ stdout: 'end\n', stderr: '', exitCode: 0 })
  expect(actions[0]?.blocked?.message).toContain('secrets/cluster/etcd-ca.yaml cannot be encrypted')
})
