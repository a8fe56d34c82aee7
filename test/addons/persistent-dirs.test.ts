import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { planLayer } from '../../tasks/lib/addons/layer.ts'
import { persistentDirectories, workersAsked } from '../../tasks/lib/addons/persistent-parts.ts'
import { createOutput } from '../../tasks/lib/cli/output.ts'
import { allChanges } from '../../tasks/lib/cli/plan/plan-counts.ts'
import { type SshServers, startSshServers } from '../support/sshd.ts'

// Plans are made and changed in one process here: who holds the machine is another matter, with tests of its own.
let ssh: SshServers
let folder: string

beforeAll(async () => {
  ssh = await startSshServers(2)
  folder = mkdtempSync(join(ssh.root, 'volumes-'))
})
afterAll(() => ssh?.close())

async function plan(more: string) {
  writeFileSync(join(ssh.root, 'cluster.yaml'), `${ssh.clusterFile()}\nvolumes: { path: ${folder}${more} }\n`)
  const sink = { write: () => true }
  const signal = new AbortController().signal
  const options = { dryRun: false, only: [], yes: true, verbose: false, json: false, sandbox: false }
  const output = createOutput({ stdout: sink, stderr: sink, environment: {} })
  const context = { name: 'persistent-dirs', root: ssh.root, output, signal, options, nodes: workersAsked }
  const made = await planLayer([persistentDirectories], context)
  return { changes: allChanges(made), findings: made.findings, progress: { say: () => {}, signal } }
}

test('C01 over SSH, nothing is made on the disk of the system unless the configuration says so', async () => {
  const { changes } = await plan('')
  expect(changes[0]!.blocked).toMatchObject({
    message: expect.stringContaining('lies on the disk of the system'),
    hint: expect.stringContaining('volumes: { rootDisk: true }'),
  })
  expect(readdirSync(folder)).toEqual([])
})

test('over SSH, 41 directories are one change, and a second plan has none', async () => {
  const { changes, progress } = await plan(', rootDisk: true')
  expect(changes.map(({ title }) => title)).toEqual([
    'kube2: create 41 directories on the disk of the system',
  ])
  await changes[0]!.run(progress)
  await changes[0]!.verify(progress)
  expect(readdirSync(join(folder, 'pool-s'))).toHaveLength(30)
  expect((await plan(', rootDisk: true')).changes).toEqual([])
})
