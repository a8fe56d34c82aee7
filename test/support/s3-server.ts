import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { packageRoot } from '../../tasks/lib/cli/root.ts'
import { cacheDirectory } from '../../tasks/lib/sandbox/programs/cache.ts'
import { goBuild } from './node-software-programs.ts'
import { freePort } from './sshd.ts'

/** A real S3 server on loopback, which checks signatures; built from its Go module. */
export interface S3Server {
  /** "http://127.0.0.1:40123" */
  url: string
  region: string
  accessKey: string
  secretKey: string
  /** Paths of all objects of a bucket. */
  objects(bucket: string): string[]
  close(): Promise<void>
}

/** Starts it with these buckets; the first build takes two minutes. */
export async function s3Server(buckets: string[]): Promise<S3Server> {
  const root = mkdtempSync(join(tmpdir(), 'metaltasks-s3-'))
  for (const bucket of buckets) mkdirSync(join(root, bucket))
  const port = await freePort()
  const access = { region: 'eu-central-1', accessKey: 'backup-key', secretKey: 'a "secret" \\ key/+=' }
  const child = spawn(await program(), ['--quiet', '--port', `127.0.0.1:${port}`, 'posix', root], {
    env: { ROOT_ACCESS_KEY: access.accessKey, ROOT_SECRET_KEY: access.secretKey, VGW_REGION: access.region },
    stdio: 'ignore',
  })
  const url = `http://127.0.0.1:${port}`
  await answers(url, child)
  return {
    url,
    ...access,
    objects: (bucket) =>
      readdirSync(join(root, bucket), { recursive: true, encoding: 'utf8' })
        .filter((path) => /\.(age|json)$/.test(path))
        .sort(),
    async close() {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
      rmSync(root, { recursive: true, force: true })
    },
  }
}

async function program(): Promise<string> {
  const file = join(dirname(cacheDirectory()), 'test-programs', 'versitygw-1.8.0-linux-amd64')
  if (existsSync(file)) return file
  await mkdir(dirname(file), { recursive: true })
  const half = `${file}.${process.pid}`
  const folder = join(packageRoot(), 'test/support/go/versitygw')
  const source = 'github.com/versity/versitygw/cmd/versitygw'
  await goBuild(['-o', half, '-trimpath', '-ldflags', '-s -w', source], { folder })
  await rename(half, file)
  return file
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 400 && child.exitCode === null; attempt++) {
    const answer = await fetch(url).catch(() => undefined)
    if (answer) return
    await sleep(50)
  }
  throw new Error(`the S3 server did not start: exit code ${child.exitCode}`)
}
