import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Machines, openMachines } from '../../tasks/lib/node/ssh/machines.ts'
import { temporaryFolder } from '../support/cli.ts'
import { type SshServers, startSshServers } from '../support/sshd.ts'

let ssh: SshServers
let machines: Machines
beforeAll(async () => {
  ssh = await startSshServers(1)
  machines = openMachines(ssh.config(), { signal: new AbortController().signal })
})
afterAll(async () => {
  await machines?.close()
  await ssh?.close()
})

test('a stream of 64 MB arrives whole on stdin, after the script', async () => {
  const part = randomBytes(1024 * 1024)
  const hash = createHash('sha256')
  async function* stream() {
    for (let count = 0; count < 64; count++) {
      hash.update(part)
      yield part
    }
  }
  const { stdout } = await machines.of({ name: 'kube1' }).run('sha256sum', { input: stream })
  expect(stdout).toBe(`${hash.digest('hex')}  -\n`)
})

test('a script that does not read its stream to the end may still end well', async () => {
  async function* stream() {
    for (let count = 0; count < 64; count++) yield randomBytes(1024 * 1024)
  }
  const { stdout } = await machines.of({ name: 'kube1' }).run('head -c 3 | wc -c', { input: stream })
  expect(stdout).toBe('3\n')
})

test('a stream that breaks ends the script with why it broke, and what follows is not run', async () => {
  const file = join(temporaryFolder(), 'done')
  async function* stream() {
    yield randomBytes(100)
    throw new Error('the disk of the operator is gone')
  }
  const script = `set -e; test "$(head -c 200 | wc -c)" -eq 200; touch ${file}`
  const running = machines.of({ name: 'kube1' }).run(script, { input: stream })
  await expect(running).rejects.toThrow('the disk of the operator is gone')
  expect(existsSync(file)).toBe(false)
})
