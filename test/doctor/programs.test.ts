import { join } from 'node:path'
import { expect, test } from 'vitest'
import { memoryResult, sandboxNeeds, type Ways, waysHere } from '../../tasks/lib/doctor/programs.ts'
import { temporaryFolder, writeScript } from '../support/folder.ts'

const gigabyte = 1e9
const nothing: Ways = {
  here: async (name) => (name === 'etcd' ? '/bin/etcd' : undefined),
  isOnline: async () => false,
  go: async () => undefined,
  freeDisk: async () => 100 * gigabyte,
  memory: 16 * gigabyte,
}
const go = async () => ({ version: 'go1.26.0', cache: '/cache' })

async function needs(ways: Partial<Ways>, isNeeded = true) {
  const results = await sandboxNeeds({ ...nothing, ...ways }, { isNeeded })
  return results.map(({ name, state, detail, hint }) =>
    [name.split(' ')[0], state, detail, hint].filter(Boolean).join(' | '),
  )
}

test('programs that are not here, with no way to get them, are all missing at once', async () => {
  const detail = 'not on PATH, not in the cache, no network to download it, no Go to build it'
  const hint = 'connect to the network, or apt install golang (1.26), or SANDBOX_BIN=FOLDER with the programs'
  const names = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok', 'kubectl']
  const rest = ['memory | good | 16.0 GB', 'ports | good | free ones on 127.0.0.1']
  expect(await needs({})).toEqual([
    'etcd | good | /bin/etcd',
    ...names.map((name) => `${name} | missing | ${detail} | ${hint}`),
    ...rest,
  ])
})

test('where a real cluster is configured, a rehearsal that cannot be had is only worth a look', async () => {
  expect((await needs({}, false))[1]).toMatch(/^kube-apiserver \| warning/)
})

test('programs that can be downloaded are not missing', async () => {
  const line = 'kwok | good | not here yet, will be downloaded | tasks sandbox:up'
  expect(await needs({ isOnline: async () => true })).toContain(line)
})

test('without a network Go builds them, and the disk has to hold that', async () => {
  const built = await needs({ go })
  expect(built).toContain(
    'kwok | good | not here yet, no network: will be built with go1.26.0 | tasks sandbox:up',
  )
  expect(built).toContain('disk | good | 100.0 GB free in /cache, a first build takes 5 GB')
  const hint = 'make room, or let Go use another disk: GOCACHE=FOLDER tasks sandbox:up'
  expect(await needs({ go, freeDisk: async () => 3 * gigabyte })).toContain(
    `disk | warning | 3.0 GB free in /cache, a first build takes 5 GB | ${hint}`,
  )
  expect(await needs({ go, freeDisk: async () => gigabyte })).toContain(
    `disk | missing | 1.0 GB free in /cache, a first build takes 5 GB | ${hint}`,
  )
})

test('a program of another version in the folder that SANDBOX_BIN names is missing', async () => {
  const folder = await temporaryFolder()
  await writeScript(join(folder, 'etcd'), 'echo etcd Version: 3.5.0')
  const { here } = waysHere({ folder, signal: new AbortController().signal })
  const [etcd] = await needs({ here: async (name) => (name === 'etcd' ? here(name) : '/bin/x') })
  expect(etcd).toBe(
    `etcd | missing | ${folder}/etcd is version 3.5.0, the sandbox needs 3.6.14 | ` +
      'put etcd 3.6.14 there, or unset SANDBOX_BIN to let it be fetched',
  )
})

test('little memory is worth a look', () => {
  expect(memoryResult(1.5 * gigabyte)).toEqual({
    name: 'memory',
    state: 'warning',
    detail: '1.5 GB, the sandbox takes about 1 GB of it',
    hint: 'end other programs before tasks sandbox:up',
  })
})
