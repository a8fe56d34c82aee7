import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { access, readFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { isReachable } from '../../tasks/lib/cli/download/fetch.ts'
import { downloadProgram } from '../../tasks/lib/sandbox/programs/download.ts'
import type { Release } from '../../tasks/lib/sandbox/programs/releases.ts'
import { listener, temporaryFolder, writeScript } from '../support/folder.ts'

// Each test has an environment of its own; the real one is read once and kept.
vi.mock('../../tasks/lib/config/environment.ts', () => ({ environment: () => process.env }))

const program = '#!/bin/sh\necho v1.2.3\n'
let folder: string

beforeEach(async () => {
  folder = await temporaryFolder()
  vi.stubEnv('XDG_STATE_HOME', join(folder, 'state'))
})

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function serveFiles(files: Record<string, string | Buffer>): Promise<string> {
  return serve((request, response) => {
    const file = files[request.url!]
    if (file === undefined) response.writeHead(404).end()
    else response.writeHead(200, { 'content-length': Buffer.byteLength(file) }).end(file)
  })
}

function download(release: Release, progress = listener()) {
  return downloadProgram(release, { ...progress, name: 'tool', folder })
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex')
}

const knownDigest = { kind: 'known', sha256: sha256(program) } as const

test('a program with the published digest arrives executable, and progress is said in bytes', async () => {
  const base = await serveFiles({ '/tool': program })
  const progress = listener()
  const path = await download({ url: `${base}/tool`, digest: knownDigest }, progress)
  expect(execFileSync(path, { encoding: 'utf8' })).toBe('v1.2.3\n')
  expect(progress.said).toEqual(['downloading tool: 0.0 of 0.0 MB'])
})

test('a program is taken out of its archive', async () => {
  await writeScript(join(folder, 'in/tool-1/tool'), 'echo from the archive')
  execFileSync('tar', ['-czf', join(folder, 'tool.tar.gz'), '-C', join(folder, 'in'), 'tool-1'])
  const archive = await readFile(join(folder, 'tool.tar.gz'))
  const base = await serveFiles({ '/tool.tar.gz': archive })
  const digest = { kind: 'known', sha256: sha256(archive) } as const
  const path = await download({ url: `${base}/tool.tar.gz`, digest, member: 'tool-1/tool' })
  expect(execFileSync(path, { encoding: 'utf8' })).toBe('from the archive\n')
})

test('a file with another digest is refused', async () => {
  const base = await serveFiles({ '/tool': `${program}# changed` })
  const release: Release = { url: `${base}/tool`, digest: knownDigest }
  await expect(download(release)).rejects.toThrow(
    `${base}/tool is not what its project published: SHA-256 ${sha256(`${program}# changed`)}, expected ${sha256(program)}`,
  )
  await expect(access(join(folder, 'tool'))).rejects.toThrow('ENOENT')
})

test('a web page in place of the file is refused', async () => {
  const base = await serve((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<html>please log in</html>')
  })
  const release: Release = { url: `${base}/tool`, digest: knownDigest }
  await expect(download(release)).rejects.toThrow(`${base}/tool: a web page came instead of the file`)
})

test('a file that ends early is refused', async () => {
  const base = await serve((_, response) => {
    response.writeHead(200, { 'content-length': program.length })
    response.write(program.slice(0, 5), () => response.destroy())
  })
  const release: Release = { url: `${base}/tool`, digest: knownDigest }
  await expect(download(release)).rejects.toThrow(`${base}/tool: `)
  await expect(access(join(folder, 'tool'))).rejects.toThrow('ENOENT')
})

test('an error of the server is said with its number', async () => {
  const base = await serveFiles({})
  await expect(download({ url: `${base}/tool`, digest: knownDigest })).rejects.toThrow(
    `${base}/tool: the server answers 404`,
  )
})

test('nothing is fetched without TLS from another machine, not by a redirect either', async () => {
  await expect(download({ url: 'http://192.0.2.1/tool', digest: knownDigest })).rejects.toThrow(
    'http://192.0.2.1/tool: not over https',
  )
})

test('a digest that the publisher names is recorded, and another one later is refused', async () => {
  const files: Record<string, string> = { '/tool': program, '/tool.sha256': `${sha256(program)}  tool\n` }
  const base = await serveFiles(files)
  const release: Release = { url: `${base}/tool`, digest: { kind: 'file', url: `${base}/tool.sha256` } }
  await download(release)
  const lock = join(folder, 'state/metaltasks/programs.lock.json')
  expect(JSON.parse(await readFile(lock, 'utf8'))).toEqual({ [`${base}/tool`]: sha256(program) })
  files['/tool'] = 'other'
  files['/tool.sha256'] = sha256('other')
  await expect(download(release)).rejects.toThrow(
    `now names the digest ${sha256('other')}, at the first download it was ${sha256(program)}`,
  )
})

test('a digest is found in the list of a GitHub release', async () => {
  const assets = [
    { name: 'tool-arm64', digest: `sha256:${sha256('arm')}` },
    { name: 'tool-amd64', digest: `sha256:${sha256(program)}` },
  ]
  const base = await serveFiles({ '/tool': program, '/release': JSON.stringify({ assets }) })
  await download({
    url: `${base}/tool`,
    digest: { kind: 'github', url: `${base}/release`, asset: 'tool-amd64' },
  })
  await expect(
    download({
      url: `${base}/tool`,
      digest: { kind: 'github', url: `${base}/release`, asset: 'tool-s390x' },
    }),
  ).rejects.toThrow(`${base}/release holds no SHA-256 digest`)
})

test('a damaged record of digests is an error that says how to go on', async () => {
  await writeScript(join(folder, 'state/metaltasks/programs.lock.json'), '{')
  const base = await serveFiles({ '/tool.sha256': sha256(program) })
  const release: Release = { url: `${base}/tool`, digest: { kind: 'file', url: `${base}/tool.sha256` } }
  await expect(download(release)).rejects.toThrow('programs.lock.json is damaged')
})

test('a host that accepts and never answers counts as no network when the time is over', async () => {
  const base = await serve(() => {})
  const { signal } = listener()
  expect(await isReachable(base, { seconds: 0.2, signal })).toBe(false)
  expect(await isReachable(await serveFiles({}), { seconds: 10, signal })).toBe(true)
})
