import type { Finding } from '../../cli/errors.ts'
import { git } from '../git/git.ts'
import { readStaged, type StagedFile, stagedFiles, type Wanted } from '../git/git-index.ts'
import { topFolder } from '../git/top.ts'
import { mustBeEncrypted } from './must-encrypt.ts'
import { type Staged, suspect } from './suspicion.ts'

/** What the guard has seen. */
export interface Guarded {
  /** How many files of the index it read. */
  files: number
  findings: Finding[]
}

/** Looks for clear secrets in git's index: what would be committed, whatever lies in the work tree. */
export async function guardIndex(wanted: Wanted, { cwd }: { cwd: string }): Promise<Guarded> {
  const [files, top] = await Promise.all([stagedFiles(wanted, { cwd }), topFolder(cwd)])
  const suspects: Staged[] = []
  const rules = mustBeEncrypted(files, { top })
  const visit = rules.then((selectorFor) => ({ path }: StagedFile, bytes: Buffer) => {
    suspects.push(...suspect(path, { bytes, selectorFor }))
  })
  const skipped = await readStaged(files, { cwd, visit })
  suspects.sort((a, b) => (a.path < b.path ? -1 : 1))
  const found = await examineAll(suspects)
  const notes = skipped.map(({ path }): Finding => {
    return { severity: 'note', message: 'is longer than 16 MiB and was not looked into', file: path }
  })
  return { files: files.length, findings: await withoutExempt([...found.flat(), ...notes], { top }) }
}

// The parsers are loaded where there is something to parse: an ordinary commit has nothing.
async function examineAll(suspects: Staged[]): Promise<Finding[][]> {
  if (suspects.length === 0) return []
  const { examine } = await import('./examine.ts')
  return Promise.all(suspects.map(examine))
}

// `-secrets-guard` in .gitattributes: fixtures and examples that are no secrets. Asked only about files with findings.
async function withoutExempt(findings: Finding[], { top }: { top: string }): Promise<Finding[]> {
  const paths = [...new Set(findings.flatMap(({ file }) => file ?? []))]
  if (paths.length === 0) return []
  const input = paths.map((path) => `${path}\0`).join('')
  const answers = await git(['check-attr', '--cached', '-z', '--stdin', 'secrets-guard'], { cwd: top, input })
  const fields = answers.split('\0')
  const exempt = new Set(paths.filter((_, index) => fields[3 * index + 2] === 'unset'))
  return findings.filter(({ file }) => file === undefined || !exempt.has(file))
}
