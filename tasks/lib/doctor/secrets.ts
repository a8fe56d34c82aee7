import { TaskError } from '../cli/errors.ts'
import { fileChecks, readFiles } from '../secrets/doctor/files.ts'
import { keyPlaces } from '../secrets/keys/places.ts'
import { secretProject } from '../secrets/project.ts'
import { type Result, resultsOf } from './result.ts'

/** The secret files of the project in one line; nothing where there are none. tasks secrets:doctor says more. */
export async function secretsResult(root: string, signal: AbortSignal): Promise<Result[]> {
  const project = secretProject({ root, output: { findings: () => {} }, signal })
  try {
    const files = await readFiles([], project)
    const places = keyPlaces({ publicKeys: [project.keysFolder], signal })
    const checks = await fileChecks(files, { places, people: [] })
    const wrong = checks.filter(({ state }) => state !== 'good').length
    const open = checks.find(({ state }) => state === 'good')?.detail ?? 'none is encrypted'
    if (checks.length === 0) return []
    if (wrong === 0) return [{ name: 'secrets', state: 'good', detail: open }]
    return [
      {
        name: 'secrets',
        state: 'warning',
        detail: `${open}, ${wrong} to look at`,
        hint: 'tasks secrets:doctor',
      },
    ]
  } catch (error) {
    if (!(error instanceof TaskError)) throw error
    return resultsOf(error.findings, 'secrets')
  }
}
