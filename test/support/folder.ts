import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A folder that is gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'metaltasks-test-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Writes an executable shell script and gives its path. */
export async function writeScript(file: string, text: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, `#!/bin/sh\n${text}\n`)
  await chmod(file, 0o755)
  return file
}

/** A Progress that remembers what was said. */
export function listener() {
  const said: string[] = []
  const controller = new AbortController()
  const say = (text: string) => void said.push(text)
  return { said, say, signal: controller.signal, abort: () => controller.abort(new Error('stopped')) }
}
