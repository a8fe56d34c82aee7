import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import type { Config } from '../../tasks/lib/config/model.ts'
import { ensurePrograms } from '../../tasks/lib/sandbox/programs/programs.ts'
import { type Sandbox, sandboxDown, sandboxUp } from '../../tasks/lib/sandbox/sandbox.ts'
import { testConfig } from './config.ts'
import { giveTurns } from './turns.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** A control plane on loopback with simulated nodes kube1, kube2, kube3; all test files share it. */
    sandbox: Sandbox
    /** Where its files ask for their turns. */
    turns: string
    /** Path of kubectl in the sandbox's version. */
    kubectl: string
  }
}

/** Brings one sandbox up for all tests that need a real API server, and takes it down after them. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const root = await mkdtemp(join(tmpdir(), 'metaltasks-'))
  const config: Config = testConfig(root)
  const progress = { directory: join(root, 'sandbox'), signal: new AbortController().signal, say: sayOnce() }
  const turns = join(root, 'turns')
  const endTurns = await giveTurns(turns)
  const takeDown = async () => {
    endTurns()
    // In silence: the last line of a test run is its count.
    await sandboxDown(config, { ...progress, say: () => {}, purge: true })
    await rm(root, { recursive: true, force: true })
  }
  try {
    const programs = await ensurePrograms(['kubectl'], progress)
    project.provide('sandbox', await sandboxUp(config, progress))
    project.provide('turns', turns)
    project.provide('kubectl', programs.get('kubectl')!)
  } catch (error) {
    await takeDown()
    throw error
  }
  return takeDown
}

/** A build takes minutes: say what it does, each kind of line once. */
function sayOnce(): (text: string) => void {
  const said = new Set<string>()
  return (text) => {
    const kind = text.replace(/\d+/g, '0')
    if (said.has(kind)) return
    said.add(kind)
    process.stderr.write(`sandbox: ${text}\n`)
  }
}
