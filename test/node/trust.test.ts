import { createHmac } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { fingerprint, pinnedKeys, withKeys } from '../../tasks/lib/node/ssh/known-hosts.ts'
import { runTasks } from '../support/cli.ts'
import { type SshServers, startSshServers } from '../support/sshd.ts'

const one = {
  type: 'ssh-ed25519',
  base64: 'AAAAC3NzaC1lZDI1NTE5AAAAIOyXOyFUw2EixrXK9BtIFrhf07jH67Go2cZWY12LPw5k',
}
const other = {
  type: 'ssh-ed25519',
  base64: 'AAAAC3NzaC1lZDI1NTE5AAAAIMN/l2E5pjSFMX7jPXZBU5Bb4DtlAJiTDtB+hLb8ak/I',
}

describe('known_hosts', () => {
  test('has fingerprints as ssh prints them', () => {
    expect(fingerprint(one)).toBe('SHA256:KBgAbdcXVMl8VP+q4qbfv4sqpOsw8tWUoXtg1IP9uFI')
  })

  test('keeps comments, other lines and other names, and is sorted', () => {
    const before = `# the old one\nkube9 ssh-rsa AAAA root@kube9\n@cert-authority *.example.com ssh-rsa BBBB\nkube1,backup ssh-ed25519 ${one.base64} note\n# end\n`
    expect(withKeys(before, { name: 'kube1', keys: [other] })).toBe(
      `@cert-authority *.example.com ssh-rsa BBBB\nbackup ssh-ed25519 ${one.base64} note\nkube1 ssh-ed25519 ${other.base64}\n# the old one\nkube9 ssh-rsa AAAA root@kube9\n# end\n`,
    )
  })

  test('finds a name that is hashed', () => {
    // ssh-keygen -H of "kube1".
    const salt = Buffer.alloc(20, 1).toString('base64')
    const line = `|1|${salt}|${hashOf(salt, 'kube1')} ${one.type} ${one.base64}\n`
    expect(pinnedKeys(line, 'kube1')).toEqual([one])
    expect(pinnedKeys(line, 'kube2')).toEqual([])
  })
})

describe('tasks node:trust', () => {
  let ssh: SshServers
  const trust = (...args: string[]) => runTasks(['node:trust', ...args], { cwd: ssh.root })
  const recorded = () => readFileSync(join(ssh.root, 'known_hosts'), 'utf8')
  const pinned = () => ssh.servers.map((server) => server.pinned()).join('')

  beforeAll(async () => {
    ssh = await startSshServers(2)
    writeFileSync(join(ssh.root, 'cluster.yaml'), ssh.clusterFile())
  })
  beforeEach(() => rmSync(join(ssh.root, 'known_hosts'), { force: true }))
  afterAll(() => ssh.close())

  test('asks before it records anything, and without a terminal names what answers', async () => {
    const { exitCode, stdout, stderr } = await trust()
    expect(stdout).toMatch(/^kube1: new {6}ed25519 SHA256:\S{43}\nkube2: new {6}ed25519 SHA256:\S{43}\n$/)
    expect(stderr).toContain('hint: answer it with --yes')
    expect(exitCode).toBe(64)
    expect(recorded).toThrow('ENOENT')
  })

  test('records all keys, and a second run says that nothing changed', async () => {
    expect((await trust('--yes')).exitCode).toBe(0)
    expect(recorded()).toBe(pinned())
    const second = await trust()
    expect(second.exitCode).toBe(0)
    expect(second.stderr).toContain('nothing changed')
  })

  test('with --dry-run shows the keys and records none', async () => {
    expect((await trust('--yes', '--dry-run')).stdout).toContain('kube1: new')
    expect(recorded).toThrow('ENOENT')
  })

  test('takes a changed key only when the name of its machine is given', async () => {
    await trust('--yes')
    const before = recorded()
    await ssh.servers[0]!.renewKey()
    const refused = await trust('--yes')
    expect(refused.stdout).toMatch(/kube1: recorded ed25519 SHA256:\S+\nkube1: CHANGED {2}ed25519 SHA256:/)
    expect(refused.stderr).toContain('hint: answer it with --confirm kube1')
    expect(refused.exitCode).toBe(64)
    expect(recorded()).toBe(before)
    expect((await trust('--confirm', 'kube1')).exitCode).toBe(0)
    expect(recorded()).toBe(pinned())
  })

  test('with a fingerprint records that key alone without a question, and refuses any other', async () => {
    const [, type, base64] = ssh.servers[1]!.pinned().trim().split(' ') as [string, string, string]
    const wrong = await trust('--fingerprint', `kube2=${fingerprint(one)}`)
    expect(wrong.stderr).toContain(`kube2: expected the host key ${fingerprint(one)}, it shows ed25519 `)
    expect(wrong.exitCode).toBe(1)
    expect((await trust('--fingerprint', `kube2=${fingerprint({ type, base64 })}`)).exitCode).toBe(0)
    expect(recorded()).toBe(ssh.servers[1]!.pinned())
  })
})

function hashOf(salt: string, name: string): string {
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64')
}
