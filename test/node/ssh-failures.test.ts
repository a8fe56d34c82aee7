import { once } from 'node:events'
import { appendFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Cluster } from '../../tasks/lib/config/model.ts'
import { UnreachableError } from '../../tasks/lib/node/errors.ts'
import { hostsOf } from '../../tasks/lib/node/ssh/hosts.ts'
import { openMachines } from '../../tasks/lib/node/ssh/machines.ts'
import { surveyHosts } from '../../tasks/lib/node/ssh/survey.ts'
import { freePort, type SshServers, startSshServers } from '../support/sshd.ts'

let ssh: SshServers

beforeAll(async () => {
  ssh = await startSshServers(3, { lines: ['AllowUsers root'] })
})
afterAll(() => ssh.close())

/** What comes of a script on a node, with the configuration changed. */
async function failureOf(
  name: string,
  cluster: Partial<Cluster> = {},
): Promise<Error & { findings?: object[] }> {
  const machines = openMachines(ssh.config(cluster), { signal: new AbortController().signal })
  onTestFinished(() => machines.close())
  return machines
    .of({ name })
    .run('touch /tmp/never')
    .then(
      () => new Error('it ran'),
      (error) => error,
    )
}

const nodesWith = (changed: object) => ssh.config().cluster.nodes.map((node) => ({ ...node, ...changed }))

describe('A01 a host key', () => {
  test('that differs from the recorded one stops before a command is sent and names both', async () => {
    const kube3 = ssh.servers[2]!
    await kube3.renewKey()
    const error = await failureOf('kube3')
    expect(error.message).toMatch(
      /^kube3: its host key is another one: recorded ed25519 SHA256:\S{43}, shown ed25519 SHA256:\S{43}$/,
    )
    expect(new Set(error.message.match(/SHA256:\S{43}/g)).size).toBe(2)
    expect(JSON.stringify(error.findings)).toContain('tasks node:trust kube3')
    expect(error).not.toBeInstanceOf(UnreachableError)
    expect(kube3.log()).not.toContain('Accepted')
  })

  test('that is not recorded stops before a command is sent and names it', async () => {
    const cluster = { nodes: nodesWith({}).map((node, at) => (at === 0 ? { ...node, name: 'kube9' } : node)) }
    const error = await failureOf('kube9', cluster)
    expect(error.message).toMatch(
      /^kube9: its host key is not known: recorded none, shown ed25519 SHA256:\S{43}$/,
    )
    expect(JSON.stringify(error.findings)).toContain('tasks node:trust kube9')
    expect(ssh.servers[0]!.log()).not.toContain('Accepted')
  })
})

describe('a machine', () => {
  test('where nobody listens is named with its address and port', async () => {
    const port = await freePort()
    const error = await failureOf('kube1', { nodes: nodesWith({ port }) })
    expect(error).toBeInstanceOf(UnreachableError)
    expect(error.message).toBe(`kube1: nobody listens at 127.0.0.11 port ${port}`)
  })

  test('whose name is not known says how to give its address', async () => {
    const error = await failureOf('kube1', { nodes: nodesWith({ address: 'no-such-host.invalid' }) })
    expect(error).toBeInstanceOf(UnreachableError)
    expect(error.message).toBe('kube1: its name is not known here')
  })

  test('that is the key server says so too', async () => {
    const keyServer = { host: 'no-such-host.invalid', path: '/masterlock' }
    const machines = openMachines(ssh.config({ keyServer }), { signal: new AbortController().signal })
    onTestFinished(() => machines.close())
    await expect(machines.keyServer()!.run('true')).rejects.toMatchObject({
      findings: [{ hint: expect.stringContaining('keyServer: { host: no-such-host.invalid, address: … }') }],
    })
  })

  test('that takes connections and says nothing is unreachable', async () => {
    const silent: Server = createServer(() => {}).listen(0, '127.0.0.1')
    onTestFinished(() => void silent.close())
    await once(silent, 'listening')
    const port = (silent.address() as { port: number }).port
    const error = await failureOf('kube1', { nodes: nodesWith({ address: '127.0.0.1', port }) })
    expect(error).toBeInstanceOf(UnreachableError)
    expect(error.message).toBe(`kube1: no answer from 127.0.0.1 port ${port}`)
  })

  test('that refuses the key because it is not there names it', async () => {
    const settings = { parallel: 20, user: 'root', identity: '/nowhere/id' }
    expect((await failureOf('kube1', { ssh: settings })).message).toBe(
      'kube1: user root may not log in with any key file, nor with a key of the agent: /nowhere/id is missing',
    )
  })

  test('that refuses the key names the user and the key', async () => {
    const error = await failureOf('kube1', {
      ssh: { parallel: 20, user: 'nobody', identity: ssh.identity },
    })
    expect(error).not.toBeInstanceOf(UnreachableError)
    expect(error.message).toBe(
      `kube1: user nobody may not log in with ${ssh.identity}, nor with a key of the agent`,
    )
  })
})

describe('a bastion', () => {
  const bastion = () => `root@${ssh.servers[1]!.address}:${ssh.servers[1]!.port}`
  const settings = () => ({ ssh: { parallel: 20, user: 'root', identity: ssh.identity, bastion: bastion() } })
  const renamed = () => ssh.config().cluster.nodes.filter(({ name }) => name !== 'kube2')

  test('has to show its recorded key too', async () => {
    const error = await failureOf('kube1', { ...settings(), nodes: renamed() })
    expect(error.message).toMatch(
      /^127\.0\.0\.12: its host key is not known: recorded none, shown ed25519 SHA256:/,
    )
    expect(ssh.servers[1]!.log()).not.toContain('Accepted')
  })

  test('carries the connections of all machines behind it over one of its own', async () => {
    const line = ssh.servers[1]!.pinned().replace('kube2', ssh.servers[1]!.address)
    appendFileSync(join(ssh.root, 'known_hosts'), line)
    const { signal } = new AbortController()
    const machines = openMachines(ssh.config({ ...settings(), nodes: renamed() }), { signal })
    onTestFinished(() => machines.close())
    const before = ssh.servers[0]!.logins()
    expect((await machines.of({ name: 'kube1' }).run('echo through')).stdout).toBe('through\n')
    expect(ssh.servers[1]!.logins()).toBe(1)
    expect(ssh.servers[0]!.logins()).toBe(before + 1)
    expect(ssh.servers[0]!.log()).toContain('Accepted publickey for root from 127.0.0.')
  })

  test('that cannot reach a machine is told apart from one that is away', async () => {
    const nodes = renamed().map((node) => ({ ...node, address: '127.0.0.1', port: 1 }))
    const error = await failureOf('kube1', { ...settings(), nodes })
    expect(error.message).toBe('kube1: the bastion cannot reach 127.0.0.1 port 1')
    const away = { ...settings().ssh, bastion: 'root@127.0.0.12:1' }
    expect((await failureOf('kube1', { nodes, ssh: away })).message).toBe(
      '127.0.0.12: nobody listens at 127.0.0.12 port 1',
    )
  })

  test('shows the keys of the machines behind it, to be trusted', async () => {
    const config = ssh.config({ ...settings(), nodes: renamed() })
    const hosts = hostsOf(config.cluster).filter(({ name }) => name === 'kube1')
    const before = ssh.servers[1]!.logins()
    const [sighting] = await surveyHosts(config, { hosts, signal: new AbortController().signal })
    expect(sighting).toMatchObject({ state: 'same', shown: [{ type: 'ssh-ed25519' }] })
    expect(ssh.servers[1]!.logins()).toBe(before + 1)
  })
})
