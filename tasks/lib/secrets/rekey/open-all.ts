import { type Finding, TaskError } from '../../cli/errors.ts'
import { type Opened, openDocument } from '../engine.ts'
import type { SecretProject } from '../project.ts'
import type { SealedFile, Standing } from '../survey/standing.ts'

/** Opens files with the keys at hand. Throws one TaskError that names every file that does not open. */
export async function openAll(
  files: SealedFile[],
  { keyring }: Pick<SecretProject, 'keyring'>,
): Promise<Opened[]> {
  const failures: TaskError[] = []
  const opened = await Promise.all(
    files.map(async ({ shown, document }) => {
      try {
        return await openDocument(document, { file: shown, keyring })
      } catch (error) {
        if (!(error instanceof TaskError)) throw error
        failures.push(error)
      }
    }),
  )
  throwAll(failures)
  return opened.filter((file) => file !== undefined)
}

/** The encrypted ones among files; the others are told of, or refused where they were asked for by name. */
export function onlySealed(
  standings: Standing[],
  { named }: { named: boolean },
): { sealed: SealedFile[]; findings: Finding[] } {
  const sealed = standings.filter((standing) => standing.state === 'sealed')
  const others = standings.filter((standing) => standing.state !== 'sealed')
  throwAll(others.filter(({ state }) => named || state === 'damaged').map(({ error }) => error))
  const findings = others.flatMap(({ error }) =>
    error.findings.map((finding): Finding => ({ ...finding, severity: 'warning' })),
  )
  return { sealed, findings }
}

// Why a key did not open is told once: for all files it is mostly the same.
function throwAll(failures: TaskError[]): void {
  const [first, ...others] = failures
  if (!first) return
  const rest = others.flatMap(({ findings }) => findings.slice(0, 1))
  const summary = `${failures.length} files: nothing was changed`
  throw new TaskError(others.length > 0 ? summary : first.message, {
    findings: [...first.findings, ...rest],
    cause: first,
  })
}
