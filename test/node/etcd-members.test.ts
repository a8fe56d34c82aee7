import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { learnerCommands, promoteCommands } from '../../tasks/lib/node/etcd-members/change-commands.ts'
import type { EtcdMember } from '../../tasks/lib/node/etcd-members/member.ts'
import { healthOf } from '../../tasks/lib/node/etcd-members/member.ts'
import { judgeAddition, judgeRemoval, quorumOf } from '../../tasks/lib/node/etcd-members/quorum.ts'
import { readEtcd, readView } from '../../tasks/lib/node/etcd-members/read-view.ts'
import { removeMember, staleMember } from '../../tasks/lib/node/etcd-members/stale.ts'
import { rosterFunctions } from '../../tasks/lib/node/kubeadm/roster.ts'
import { runAction } from '../../tasks/lib/node/plan/run-action.ts'
import type { Action } from '../../tasks/lib/node/resource.ts'
import { type EtcdCluster, startEtcdCluster } from '../support/etcd-cluster.ts'
import { killedMachine } from '../support/killed-machine.ts'

const good = { version: '3.6.14', bytes: 1, hasLeader: true, isLeader: false, errors: [] }

function member(name: string, state: 'up' | 'down' | 'shaky' = 'up', isLearner = false): EtcdMember {
  const answers = { up: [good, good], down: [undefined, undefined], shaky: [good, undefined] }[state]
  const urls = { peerUrls: [`https://${name}:2380`], clientUrls: [`https://${name}:2379`] }
  return { id: name, name, ...urls, isLearner, answers }
}

describe('the arithmetic of a quorum', () => {
  test.each([
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 3],
    [5, 3],
    [6, 4],
    [7, 4],
  ])('of %i voting members %i are needed', (voters, needed) => {
    expect(quorumOf(voters)).toBe(needed)
  })

  test('G04 with one of three members down, removing a second is refused, and the sum is said', () => {
    const verdict = judgeRemoval([member('cp1'), member('cp2'), member('cp3', 'down')], 'cp2')
    expect(verdict).toEqual({
      isAllowed: false,
      sum:
        'etcd has 3 voting members, 2 of them healthy (cp1, cp2); without cp2 there would be 2, of which 2 must be ' +
        'healthy, and 1 is (cp1)',
    })
  })

  test('the member that is down may go, and what is left is said to have nothing to spare', () => {
    const verdict = judgeRemoval([member('cp1'), member('cp2'), member('cp3', 'down')], 'cp3')
    expect(verdict).toMatchObject({
      isAllowed: true,
      warning: 'etcd then has 2 members and stops when one more is lost',
    })
  })

  test('a member that answered once and then not is not counted on', () => {
    expect(judgeRemoval([member('cp1'), member('cp2', 'shaky'), member('cp3')], 'cp3').isAllowed).toBe(false)
  })

  test('the only voting member never goes; a learner always may', () => {
    const members = [member('cp1'), member('cp2', 'down', true)]
    expect(judgeRemoval(members, 'cp1')).toEqual({
      isAllowed: false,
      sum: 'cp1 is the only voting member of etcd',
    })
    expect(judgeRemoval(members, 'cp2').isAllowed).toBe(true)
  })

  test('a member more is refused while another one is joining', () => {
    expect(judgeAddition([member('cp1'), member('cp2')]).isAllowed).toBe(true)
    const joining = judgeAddition([member('cp1'), member('cp2', 'up', true)])
    expect(joining).toEqual({
      isAllowed: false,
      sum: 'cp2 (https://cp2:2380) is joining etcd already, one at a time',
    })
  })
})

test('ids of 64 bits are read without loss', () => {
  const list =
    '{"members":[{"ID":13803658152347727308,"name":"1234567890123456789","peerURLs":["http://a"]}]}'
  expect(readView(`quorum\nmembers ${list}\nrounds 1\nstatus 1 \nend\n`)).toEqual({
    hasQuorum: true,
    members: [
      {
        id: 'bf9071f4639c75cc',
        name: '1234567890123456789',
        peerUrls: ['http://a'],
        clientUrls: [],
        isLearner: false,
        answers: [undefined],
      },
    ],
  })
})

test('a round in which nobody answered says so of every member', () => {
  const list = '{"members":[{"ID":1,"name":"cp1","peerURLs":["http://a"],"clientURLs":["http://b"]}]}'
  const { members } = readView(`quorum\nmembers ${list}\nrounds 2\nstatus 2 null\nend\n`)
  expect(members[0]!.answers).toEqual([undefined, undefined])
})

test('an answer that was cut off is not taken for one', () => {
  const list = 'quorum\nmembers {"members":[]}\n'
  expect(() => readView(`${list}rounds 1\nstatus 1 \n`)).toThrow('was cut off')
  expect(() => readView(`${list}end\n`)).toThrow('was cut off')
})

// Each with an etcd of its own, side by side: most of their time goes by in waiting.
describe.concurrent('a real etcd of three members', () => {
  let etcd: EtcdCluster
  beforeAll(async () => {
    etcd = await startEtcdCluster(['cp1', 'cp2', 'cp3'])
  }, 120_000)
  afterAll(() => etcd?.close())
  const read = () => readEtcd(etcd.access, { times: 2, pauseSeconds: 1 })
  const health = async () => {
    const { hasQuorum, members } = await read()
    const states = members.map((one) => [one.name, healthOf(one)] as [string, string])
    return { hasQuorum, ...Object.fromEntries(states.sort()) }
  }
  const roster = async () => {
    const overHttp = rosterFunctions
      .replace(/ --(cacert|cert|key)=\S+/g, '')
      .replaceAll('https://127.0.0.1:2379', etcd.access.endpoint)
    const { stdout } = await etcd.machine.run(`${overHttp}\nmembers`)
    return stdout.trim().split('\n').sort()
  }

  test('tells who is healthy, who is gone, and whether a majority agrees', async ({ expect }) => {
    await expect.poll(health, { timeout: 20_000 }).toEqual({
      hasQuorum: true,
      cp1: 'healthy',
      cp2: 'healthy',
      cp3: 'healthy',
    })
    const leaders = (await read()).members.filter(({ answers }) => answers.every((one) => one?.isLeader))
    expect(leaders).toHaveLength(1)
    const peers = ['cp1', 'cp2', 'cp3'].map((name) => `member/${etcd.member(name).peerUrl}`)
    expect(await roster()).toEqual(peers.sort())
    await etcd.member('cp3').kill()
    await expect.poll(health, { timeout: 20_000 }).toMatchObject({ hasQuorum: true, cp3: 'gone' })
    await etcd.member('cp2').kill()
    await expect.poll(health, { timeout: 20_000 }).toEqual({
      hasQuorum: false,
      cp1: 'unsteady',
      cp2: 'gone',
      cp3: 'gone',
    })
    await expect(roster()).rejects.toThrow()
    await etcd.member('cp1').kill()
    await expect(read()).rejects.toThrow(/cp1: etcd at \S+ does not answer/)
  }, 120_000)
})

describe.concurrent('a member whose data are gone', () => {
  let etcd: EtcdCluster
  beforeAll(async () => {
    etcd = await startEtcdCluster(['cp1', 'cp2', 'cp3'])
  }, 120_000)
  afterAll(() => etcd?.close())
  const view = () => readEtcd(etcd.access, { times: 1 })
  const healthy = async () => {
    const { members } = await readEtcd(etcd.access, { times: 2, pauseSeconds: 1 })
    return members.filter((one) => healthOf(one) === 'healthy' && !one.isLearner).length
  }

  /** The next command that is missing until the member votes again; undefined when it does. */
  async function nextAction(hasData: boolean): Promise<Action | 'start' | undefined> {
    const now = await view()
    const { name, peerUrl } = etcd.member('cp3')
    const { members } = now
    const own = members.filter(({ peerUrls }) => peerUrls.includes(peerUrl))
    expect(own.length).toBeLessThanOrEqual(1)
    const stale = staleMember(now, { peerUrl, hasData })
    if (stale) return removeMember({ view: now, access: etcd.access }, stale)
    const change = { access: etcd.access, members }
    const action = 'run' as const
    if (own.length === 0)
      return { action, title: 'add', commands: learnerCommands({ name, peerUrl }, change) }
    if (!hasData) return 'start'
    if (own[0]!.isLearner) return { action, title: 'promote', commands: promoteCommands(peerUrl, change) }
    return undefined
  }

  test.sequential('G05 is removed, added without a vote, started, promoted; killed at each command, the next run goes on', async ({
    expect,
  }) => {
    await expect.poll(healthy, { timeout: 20_000 }).toBe(3)
    const cp3 = etcd.member('cp3')
    await cp3.kill()
    cp3.wipe()
    let hasData = false
    const done: string[] = []
    const deaths = new Map<string, number>()
    for (let next = await nextAction(false); next; next = await nextAction(hasData)) {
      if (next === 'start') {
        cp3.join(['cp1', 'cp2', 'cp3'].map(etcd.member))
        hasData = true
        done.push('start')
        await sleep(500)
        continue
      }
      const { title, commands } = next
      const died = deaths.get(title) ?? 0
      deaths.set(title, died + 1)
      // It dies once before each of its commands, and then does all of them.
      const machine = killedMachine(etcd.machine, () =>
        died < commands.length ? { beforeCommand: died } : undefined,
      )
      const isDone = await runAction(machine, next).then(
        () => true,
        () => false,
      )
      expect(isDone).toBe(died >= commands.length)
      if (isDone) done.push(title)
    }
    expect(done).toEqual(['take cp3 out of etcd', 'add', 'start', 'promote'])
    await expect.poll(healthy, { timeout: 20_000 }).toBe(3)
  }, 180_000)

  test.sequential('is not removed when another one does not answer any more', async ({ expect }) => {
    const seen = await view()
    const cp3 = seen.members.find(({ name }) => name === 'cp3')!
    const removal = removeMember({ view: seen, access: etcd.access }, cp3)
    expect(removal.blocked).toBeUndefined()
    // What it was planned on has changed: the command itself notices.
    await etcd.member('cp2').kill()
    await expect(runAction(etcd.machine, removal)).rejects.toThrow('endpoint health')
    const planned = await readEtcd(etcd.access, { times: 2, pauseSeconds: 1 })
    const again = removeMember({ view: planned, access: etcd.access }, cp3)
    expect(again).toMatchObject({ commands: [], blocked: { severity: 'error' } })
    expect((await view()).members).toHaveLength(3)
  }, 120_000)
})
