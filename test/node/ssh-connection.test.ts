import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { UnreachableError } from '../../tasks/lib/node/errors.ts'
import type { Machine } from '../../tasks/lib/node/machine.ts'
import { openMachines } from '../../tasks/lib/node/ssh/machines.ts'
import { type SshServer, type SshServers, startSshServers } from '../support/sshd.ts'

let ssh: SshServers
const kube1 = { name: 'kube1' }

afterEach(() => ssh.close())

/** One server with these lines in its settings, as a machine. */
async function start({
  lines = [] as string[],
  signal = new AbortController().signal,
} = {}): Promise<Machine> {
  ssh = await startSshServers(1, { lines })
  const machines = openMachines(ssh.config(), { signal })
  onTestFinished(() => machines.close())
  return machines.of(kube1)
}

function server(): SshServer {
  return ssh.servers[0]!
}

describe('one connection', () => {
  test('is shared by 30 scripts at once, at most 8 of them at a time', async () => {
    const machine = await start()
    const scripts = Array.from({ length: 30 }, (_, index) => machine.run(`sleep 0.1; echo ${index}`))
    const answers = await Promise.all(scripts)
    expect(answers.map(({ stdout }) => Number(stdout))).toEqual(Array.from({ length: 30 }, (_, at) => at))
    expect(server().logins()).toBe(1)
    expect(server().log()).not.toContain('no more sessions')
  })

  test('carries as many scripts as a server with fewer sessions allows', async () => {
    const machine = await start({ lines: ['MaxSessions 2'] })
    const scripts = Array.from({ length: 6 }, (_, index) => machine.run(`sleep 0.1; echo ${index}`))
    expect((await Promise.all(scripts)).map(({ stdout }) => stdout).join('')).toBe('0\n1\n2\n3\n4\n5\n')
    expect(server().logins()).toBe(1)
  })

  test('is made anew when it was lost while nobody used it', async () => {
    const machine = await start()
    await machine.run('true')
    server().cut()
    await sleep(300)
    expect((await machine.run('echo again')).stdout).toBe('again\n')
    expect(server().logins()).toBe(2)
  })

  test('that ends in the middle of an answer gives no answer at all', async () => {
    const machine = await start()
    await machine.run('true')
    const begun = join(ssh.root, 'begun')
    const script = `echo half; touch ${begun}; sleep 3; echo whole`
    const outcome = machine.run(script, { title: 'mkfs.ext4 /dev/vg0/data' }).catch((error) => error)
    await expect.poll(() => existsSync(begun)).toBe(true)
    server().cut()
    expect(await outcome).toBeInstanceOf(UnreachableError)
    expect((await outcome).message).toBe(
      'kube1: the connection ended before the answer was whole: mkfs.ext4 /dev/vg0/data may have run',
    )
  })

  test('leaves nothing behind when it is closed', async () => {
    ssh = await startSshServers(1)
    const machines = openMachines(ssh.config(), { signal: new AbortController().signal })
    await machines.of(kube1).run('true')
    await machines.close()
    await expect.poll(() => server().log()).toContain('Disconnected from user root')
  })
})

describe('a script', () => {
  test('that takes too long is ended on the machine', async () => {
    const machine = await start()
    const slow = machine.run('sleep 4321', { timeoutSeconds: 0.5, title: 'sleep' })
    await expect(slow).rejects.toThrow('kube1: sleep did not end within 0.5s and was stopped there')
    expect((await machine.run('pgrep -x -f "sleep 4321"', { allowFailure: true })).stdout).toBe('')
  })

  test('with a signal of its own is ended on the machine when that is aborted', async () => {
    const machine = await start()
    const stop = new AbortController()
    const slow = machine.run('sleep 4322', { signal: stop.signal }).catch((error) => error)
    await sleep(700)
    stop.abort(new Error('stopped'))
    expect((await slow).message).toBe('stopped')
    expect((await machine.run('pgrep -x -f "sleep 4322"', { allowFailure: true })).stdout).toBe('')
  })

  test('that began goes on to its end after Ctrl-C, and no other one begins', async () => {
    const stop = new AbortController()
    const machine = await start({ signal: stop.signal })
    await machine.run('true')
    const begun = machine.run('sleep 1; echo done')
    await sleep(300)
    stop.abort(new Error('interrupted'))
    await expect(machine.run('true')).rejects.toThrow('interrupted')
    expect((await begun).stdout).toBe('done\n')
  })

  test('B16 and its input never show in the list of processes', async () => {
    const machine = await start()
    const list = 'for i in 1 2 3 4 5; do cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" " "; sleep 0.1; done'
    const hidden = ': script-horse; sleep 0.6; cat >/dev/null'
    const [{ stdout }] = await Promise.all([
      machine.run(list),
      machine.run(hidden, { input: 'correct-horse' }),
    ])
    expect(stdout).toContain('kube1')
    expect(stdout).not.toContain('horse')
  })

  test('is not mixed up with what a login shell says', async () => {
    const noise = `echo Welcome to kube1; echo and this too >&2; set -x; eval "$SSH_ORIGINAL_COMMAND"`
    const machine = await start({ lines: [`ForceCommand ${noise}`] })
    const { stdout, stderr } = await machine.run('echo answer; echo words >&2')
    expect([stdout, stderr]).toEqual(['answer\n', 'words\n'])
  })

  test('cannot run where the account has no shell, and that is said', async () => {
    const machine = await start({ lines: ['ForceCommand echo this account is not available; exit 1'] })
    await expect(machine.run('true')).rejects.toThrow('kube1: no script can be run there: ')
  })
})
