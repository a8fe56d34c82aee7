import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { cachedFile } from '../../tasks/lib/sandbox/programs/cache.ts'
import { obtainPrograms } from '../../tasks/lib/sandbox/programs/obtain.ts'
import { ensurePrograms, localProgram } from '../../tasks/lib/sandbox/programs/programs.ts'
import type { Sources } from '../../tasks/lib/sandbox/programs/releases.ts'
import { listener, temporaryFolder, writeScript } from '../support/folder.ts'

// Each test has an environment of its own; the real one is read once and kept.
vi.mock('../../tasks/lib/config/environment.ts', () => ({ environment: () => process.env }))

const scheduler = 'echo Kubernetes v1.36.3'
let folder: string

// A machine with nothing on it: an empty cache, a PATH with the usual tools only, no SANDBOX_BIN, no network.
beforeEach(async () => {
  folder = await temporaryFolder()
  vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'))
  vi.stubEnv('XDG_STATE_HOME', join(folder, 'state'))
  vi.stubEnv('SANDBOX_BIN', '')
  vi.stubEnv('PATH', `${join(folder, 'bin')}:/usr/bin:/bin`)
})

/** Nothing listens on port 9 of loopback. */
const unreachable: Sources = {
  kubernetes: 'http://127.0.0.1:9',
  github: 'http://127.0.0.1:9',
  githubApi: 'http://127.0.0.1:9',
}

test('a program of the exact version on PATH is used, another version is passed over', async () => {
  const path = await writeScript(join(folder, 'bin/kube-scheduler'), scheduler)
  await writeScript(join(folder, 'bin/etcd'), 'echo etcd Version: 3.5.1')
  expect(await localProgram('kube-scheduler')).toBe(path)
  expect(await localProgram('etcd')).toBeUndefined()
})

test('SANDBOX_BIN comes first, and another version there is an error', async () => {
  await writeScript(join(folder, 'bin/kube-scheduler'), scheduler)
  vi.stubEnv('SANDBOX_BIN', join(folder, 'mine'))
  const mine = await writeScript(join(folder, 'mine/kube-scheduler'), scheduler)
  expect(await localProgram('kube-scheduler')).toBe(mine)
  await writeScript(mine, 'echo Kubernetes v1.35.0')
  await expect(localProgram('kube-scheduler')).rejects.toThrow(
    `${mine} is version 1.35.0, the sandbox needs 1.36.3`,
  )
})

test('a download ends in the cache, and is found there from then on', async () => {
  const file = `#!/bin/sh\n${scheduler}\n`
  const digest = createHash('sha256').update(file).digest('hex')
  const base = await serve((url) => (url.endsWith('.sha256') ? digest : file))
  await obtainPrograms(['kube-scheduler'], { ...listener(), sources: { ...unreachable, kubernetes: base } })
  expect(await localProgram('kube-scheduler')).toBe(cachedFile('kube-scheduler'))
  expect(await readdir(join(folder, 'cache/metaltasks/programs'))).toHaveLength(1)
})

test('a downloaded program of another version is not kept', async () => {
  const file = '#!/bin/sh\necho Kubernetes v1.36.2\n'
  const digest = createHash('sha256').update(file).digest('hex')
  const base = await serve((url) => (url.endsWith('.sha256') ? digest : file))
  const sources = { ...unreachable, kubernetes: base }
  await expect(obtainPrograms(['kube-scheduler'], { ...listener(), sources })).rejects.toThrow(
    'the kube-scheduler that came says it is 1.36.2, not 1.36.3',
  )
  expect(await readdir(join(folder, 'cache/metaltasks/programs'))).toEqual([])
})

test('without a network programs are built, and time and disk are said before', async () => {
  await fakeGo('')
  const progress = listener()
  await obtainPrograms(['kube-scheduler'], { ...progress, sources: unreachable })
  expect(progress.said).toEqual([
    'looking for 127.0.0.1:9',
    'building kube-scheduler with go1.26.0: up to 6 minutes and 5 GB of disk the first time',
    'building kube-scheduler with go1.26.0 (0 s)',
  ])
  expect(await localProgram('kube-scheduler')).toBe(cachedFile('kube-scheduler'))
})

test('two runs at once build a program once', async () => {
  await fakeGo('sleep 0.3')
  const get = () => obtainPrograms(['kube-scheduler'], { ...listener(), sources: unreachable })
  await Promise.all([get(), get(), get()])
  expect(await readFile(join(folder, 'builds'), 'utf8')).toBe('k8s.io/kubernetes/cmd/kube-scheduler\n')
})

test('a failed build leaves nothing behind and shows what the compiler said', async () => {
  await fakeGo('echo cannot find module >&2; exit 1')
  await expect(obtainPrograms(['kube-scheduler'], { ...listener(), sources: unreachable })).rejects.toThrow(
    /cannot find module/,
  )
  expect(await readdir(join(folder, 'cache/metaltasks/programs'))).toEqual([])
})

test('an interrupted build leaves nothing behind', async () => {
  await fakeGo('sleep 60')
  const { said, say, signal, abort } = listener()
  const getting = obtainPrograms(['kube-scheduler'], { say, signal, sources: unreachable })
  const ended = expect(getting).rejects.toThrow()
  await vi.waitUntil(() => said.some((text) => text.startsWith('building kube-scheduler with go1.26.0 (')))
  abort()
  await ended
  expect(await readdir(join(folder, 'cache/metaltasks/programs'))).toEqual([])
})

test('what a killed run left in the cache is cleared away by the next', async () => {
  await fakeGo('')
  await writeScript(join(folder, 'cache/metaltasks/programs/unfinished-abc/etcd'), 'half')
  await obtainPrograms(['kube-scheduler'], { ...listener(), sources: unreachable })
  expect(await readdir(join(folder, 'cache/metaltasks/programs'))).toHaveLength(1)
})

test('with no network and no Go all ways to get the programs are named', async () => {
  vi.stubEnv('PATH', join(folder, 'bin'))
  const getting = obtainPrograms(['etcd', 'kwok'], { ...listener(), sources: unreachable })
  await expect(getting).rejects.toMatchObject({
    message:
      'the sandbox needs etcd 3.6.14, kwok 0.8.0: not on PATH, not in the cache, ' +
      'no download (127.0.0.1:9 does not answer), no Go to build them with',
    findings: [
      {
        hint: 'connect to the network and run again, or install Go 1.26, or name a folder that has them: SANDBOX_BIN=FOLDER',
      },
    ],
  })
})

test('what is here is not fetched', async () => {
  const path = await writeScript(join(folder, 'bin/kube-scheduler'), scheduler)
  const progress = listener()
  expect(await ensurePrograms(['kube-scheduler'], progress)).toEqual(new Map([['kube-scheduler', path]]))
  expect(progress.said).toEqual([])
})

async function serve(answer: (url: string) => string): Promise<string> {
  const server = createServer((request, response) => response.end(answer(request.url!))).listen(
    0,
    '127.0.0.1',
  )
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A `go` that answers what is asked of its environment, and "builds" a script after it did something first. */
async function fakeGo(first: string): Promise<void> {
  await writeScript(
    join(folder, 'bin/go'),
    `
if [ "$1" = env ]; then printf 'go1.26.0\\n%s\\n' ${folder}; exit; fi
${first}
while [ "$1" != -o ]; do shift; done
for last; do :; done
echo "$last" >>${folder}/builds
printf '#!/bin/sh\\n${scheduler}\\n' >"$2"`,
  )
}
