import { readFile, writeFile } from 'node:fs/promises'
import { type Finding, TaskError } from '../../cli/errors.ts'
import { git } from '../git/git.ts'
import { hasMetadata } from '../guard/file-kinds.ts'
import type { Keyring } from '../keys/keyring.ts'
import { fileTypeOf } from '../stores/stores.ts'
import { conflictFinding } from './conflicts.ts'
import { mergeSealed } from './merge.ts'

/** The files that git hands to a merge driver: the result goes into `ours`; `path` is what they are three states of. */
export interface DriverFiles {
  base: string
  ours: string
  theirs: string
  path: string
}

export interface DriverResult {
  /** Nothing is left for a person to decide. */
  clean: boolean
  findings: Finding[]
}

/**
 * Merges as git asks: secret files by their clear trees, in memory. What is no secret file, or does not open with the
 * keys at hand, is merged line by line as git itself does it: the ciphertexts then conflict, and nothing is lost.
 */
export async function runDriver(
  files: DriverFiles,
  { keyring, now }: { keyring: Keyring; now: Date },
): Promise<DriverResult> {
  const { path } = files
  const [base, ours, theirs] = await Promise.all(
    [files.base, files.ours, files.theirs].map((file) => readFile(file)),
  )
  const type = fileTypeOf(path)
  const isSecret = [ours!, theirs!].every((bytes) => hasMetadata(bytes.toString(), type))
  if (!isSecret) return mergeLines(files, [])
  try {
    const texts = { base: base!.length > 0 ? base : undefined, ours: ours!, theirs: theirs! }
    const { bytes, conflicts } = await mergeSealed(texts, { file: path, type, keyring, now })
    await writeFile(files.ours, bytes)
    return {
      clean: conflicts.length === 0,
      findings: conflicts.length > 0 ? [conflictFinding(path, conflicts)] : [],
    }
  } catch (error) {
    if (!(error instanceof TaskError)) throw error
    return mergeLines(files, error.findings)
  }
}

async function mergeLines({ base, ours, theirs, path }: DriverFiles, why: Finding[]): Promise<DriverResult> {
  const labels = ['-L', 'ours', '-L', 'base', '-L', 'theirs']
  const clean = await git(['merge-file', '--quiet', ...labels, ours, base, theirs], {
    cwd: process.cwd(),
  }).then(
    () => true,
    () => false,
  )
  if (why.length === 0) return { clean, findings: [] }
  const message = 'was merged by its lines, because it does not open here: its ciphertexts conflict'
  const hint = `with a key at hand: tasks secrets:merge ${path}; or take one side: git checkout --ours ${path} (or --theirs)`
  return { clean: false, findings: [...why, { severity: 'warning', message, file: path, hint }] }
}
