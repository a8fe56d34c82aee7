import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { install } from '../../scripts/installed.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** tasks.js of this package, bundled and installed when the run of the tests began. */
    program: string
  }
}

/** Before any test: the package as people have it, for all tests that start `tasks`; it starts three times as fast as the sources. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'metaltasks-installed-'))
  await chmod(folder, 0o755) // some tests run it as somebody else
  let runs = 0
  const renew = async () => project.provide('program', await install(join(folder, `run${++runs}`)))
  await renew()
  project.onTestsRerun(renew)
  return () => rm(folder, { recursive: true, force: true })
}
