import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { lockMachines } from '../../tasks/lib/node/lock/lock.ts'
import type { Machine } from '../../tasks/lib/node/machine.ts'
import { type Machines, openMachines } from '../../tasks/lib/node/ssh/machines.ts'
import { bundledProgram } from '../support/bundled-program.ts'
import { temporaryFolder } from '../support/cli.ts'
import { type SshServers, startSshServers } from '../support/sshd.ts'

let ssh: SshServers
let machines: Machines
let machine: Machine
let path: string
let programs: Record<'holder' | 'script', string>
const { signal } = new AbortController()

beforeAll(async () => {
  ssh = await startSshServers(1, { ownProcesses: true })
  programs = { holder: await bundledProgram('lock-holder'), script: await bundledProgram('slow-script') }
})
beforeEach(() => {
  path = join(temporaryFolder(), 'lock')
  machines = openMachines(ssh.config(), { signal })
  machine = machines.of({ name: 'kube1' })
  onTestFinished(() => machines.close())
})
afterAll(() => ssh.close())

const mine = () => ({
  signal,
  holder: 'alice@laptop: tasks install',
  path,
  staleSeconds: 2,
  beatSeconds: 0.2,
})

describe('H03 two operators', () => {
  test('the second one stops on the lock and sees who has it and for how long', async () => {
    await startHolder()
    await expect(lockMachines([machine], mine())).rejects.toThrow(
      /^kube1: locked for \d\.\ds by bob@desk: tasks install, last heard of \d\.\ds ago$/,
    )
  })

  test('a lock is free when the run that held it was killed', async () => {
    const holder = await startHolder()
    holder.kill('SIGKILL')
    await free()
    const release = await lockMachines([machine], mine())
    expect(readFileSync(`${path}.holder`, 'utf8')).toContain('alice@laptop')
    await release()
    expect(existsSync(`${path}.holder`)).toBe(false)
  })

  test('a lock is free when its run was not heard of for long enough', async () => {
    const holder = await startHolder()
    holder.kill('SIGSTOP')
    await expect(lockMachines([machine], mine())).rejects.toThrow('locked for')
    await free()
    const release = await lockMachines([machine], mine())
    await release()
    holder.kill('SIGCONT')
  })

  test('of two that try at once, one gets it', async () => {
    const other = openMachines(ssh.config(), { signal })
    onTestFinished(() => other.close())
    const attempts = await Promise.allSettled([
      lockMachines([machine], mine()),
      lockMachines([other.of({ name: 'kube1' })], mine()),
    ])
    expect(attempts.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    for (const attempt of attempts) if (attempt.status === 'fulfilled') await attempt.value()
  })

  test('a run that slept past its time sends nothing more', async () => {
    const release = await lockMachines([machine], { ...mine(), beatSeconds: 60 })
    await sleep(2100)
    await expect(machine.run('true')).rejects.toThrow('kube1: the lock was lost: nothing more is done there')
    await expect(release()).rejects.toThrow('the lock of kube1 was lost during the run')
  })

  test('a command of a run that was killed goes on to its end before anybody else begins', async () => {
    const holder = await startHolder()
    const command = startOtherCommand()
    await command.begun
    holder.kill('SIGKILL')
    await free()
    const release = await lockMachines([machine], mine())
    expect(existsSync(join(path, '..', 'done'))).toBe(true)
    await release()
  })

  test('scripts still run while the lock is held', async () => {
    const release = await lockMachines([machine], mine())
    expect((await machine.run('echo yes')).stdout).toBe('yes\n')
    await release()
  })
})

async function free(): Promise<void> {
  while (existsSync(`${path}.holder`)) await sleep(50)
}

async function startHolder(): Promise<ChildProcess> {
  const child = startProgram(programs.holder, [path, '2'])
  await once(child.stdout!, 'data')
  return child
}

// A script of another process: this one's own would not count.
function startOtherCommand(): { begun: Promise<unknown> } {
  const child = startProgram(programs.script, [join(path, '..', 'done')])
  return { begun: once(child.stdout!, 'data') }
}

function startProgram(file: string, args: string[]): ChildProcess {
  const words = [file, JSON.stringify(ssh.config()), ...args]
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}
