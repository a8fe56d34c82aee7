import { TaskError } from '../../cli/errors.ts'
import { run } from '../../cli/process/shell.ts'
import type { ProgramName } from './versions.ts'

/** What a program says of its own version; undefined when it does not run here or says nothing readable. */
export async function versionOf(name: ProgramName, file: string): Promise<string | undefined> {
  const question = name === 'kubectl' ? ['version', '--client'] : ['--version']
  try {
    const { stdout } = await run([file, ...question], { timeoutSeconds: 10, allowFailure: true })
    return /v?(\d+\.\d+\.\d+\S*)/.exec(stdout)?.[1]
  } catch (error) {
    if (error instanceof TaskError) return undefined
    throw error
  }
}
