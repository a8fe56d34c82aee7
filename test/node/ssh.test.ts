import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Machine } from '../../tasks/lib/node/machine.ts'
import { type Machines, openMachines } from '../../tasks/lib/node/ssh/machines.ts'
import { type SshServers, startSshServers } from '../support/sshd.ts'

let ssh: SshServers
let machines: Machines
let kube1: Machine
const run = new AbortController()

beforeAll(async () => {
  ssh = await startSshServers(2)
  machines = openMachines(ssh.config(), { signal: run.signal })
  kube1 = machines.of({ name: 'kube1' })
})
afterAll(async () => {
  await machines.close()
  await ssh.close()
})

describe('a script', () => {
  test('runs as root and gives its output, its words and its exit code', async () => {
    const script = 'echo out; echo words >&2; id -u; exit 3'
    expect(await kube1.run(script, { allowFailure: true })).toMatchObject({
      stdout: 'out\n0\n',
      stderr: 'words\n',
      exitCode: 3,
    })
  })

  test('keeps output to the byte, without an end of line too', async () => {
    expect((await kube1.run("printf ' a\\n\\n'")).stdout).toBe(' a\n\n')
    expect((await kube1.run("printf ''")).stdout).toBe('')
    expect((await kube1.run("printf 'no end'")).stdout).toBe('no end')
  })

  test('finds 16 MiB of any bytes on its stdin, and may give as much', async () => {
    const input = randomBytes(16 * 1024 * 1024)
    const { stdout } = await kube1.run('sha256sum; head -c 16777216 /dev/zero | tr "\\0" x', { input })
    const { createHash } = await import('node:crypto')
    expect(stdout.slice(0, 64)).toBe(createHash('sha256').update(input).digest('hex'))
    expect(stdout.length).toBe(68 + 16 * 1024 * 1024)
  })

  test('that fails says where, what and its last words', async () => {
    const failure = kube1.run('echo no space >&2; exit 4', { title: 'mkdir /srv' })
    await expect(failure).rejects.toThrow('kube1: mkdir /srv failed with exit code 4\nno space')
  })

  test('with a mistake in it ends as a shell ends it', async () => {
    const { exitCode, stderr } = await kube1.run('if true; then echo (', { allowFailure: true })
    expect(exitCode).toBe(2)
    expect(stderr).toContain('Syntax error')
  })
})
