import { TaskError } from '../../cli/errors.ts'
import { type ByteReader, byteReader } from './byte-reader.ts'
import { git, gitEnded, startGit } from './git.ts'

/** A file as it stands in git's index; the path is relative to the top of the repository. */
export interface StagedFile {
  path: string
  blob: string
}

/** Which files of the index: those that differ from the last commit, all of them, or these. */
export interface Wanted {
  all?: boolean
  /** Paths relative to the current folder; a folder stands for all that is in it. */
  files?: string[]
}

// A longer one is no file that a person wrote, and is not held in memory.
const maxBytes = 16 * 1024 * 1024
const manyFiles = 200

/** The files of the index, without links and submodules. */
export async function stagedFiles(
  { all, files = [] }: Wanted,
  { cwd }: { cwd: string },
): Promise<StagedFile[]> {
  if (files.length === 0 && !all) return differing(cwd)
  const which = files.length > 0 ? ['--', ...files] : ['--', ':/']
  const literal = files.length > 0 ? ['--literal-pathspecs'] : []
  const text = await git([...literal, 'ls-files', '--stage', '-z', '--full-name', ...which], { cwd })
  return text.split('\0').flatMap((line) => {
    const [, mode, blob, path] = /^(\d+) ([0-9a-f]+) \d\t(.*)$/s.exec(line) ?? []
    return isFile(mode) ? [{ path: path!, blob: blob! }] : []
  })
}

// Raw lines name the blobs too, so that no second git has to be asked for them.
async function differing(cwd: string): Promise<StagedFile[]> {
  const flags = [
    '--cached',
    '--raw',
    '-z',
    '--no-abbrev',
    '--no-renames',
    '--no-relative',
    '--diff-filter=AMT',
  ]
  const fields = (await git(['diff', ...flags], { cwd })).split('\0')
  const found: StagedFile[] = []
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [, mode, , blob] = fields[at]!.split(' ')
    if (isFile(mode)) found.push({ path: fields[at + 1]!, blob: blob! })
  }
  return found
}

function isFile(mode = ''): boolean {
  return mode.startsWith('100')
}

type Visit = (file: StagedFile, bytes: Buffer) => void

/**
 * Gives each file's content to `visit` as it comes out of git; those above 16 MiB are left out and returned. Git starts
 * to read while `visit` is being made, and with many files twice, side by side: it takes most of the time.
 */
export async function readStaged(
  files: StagedFile[],
  { cwd, visit }: { cwd: string; visit: Promise<Visit> },
): Promise<StagedFile[]> {
  const middle = files.length > manyFiles ? Math.ceil(files.length / 2) : files.length
  const parts = [files.slice(0, middle), files.slice(middle)].filter((part) => part.length > 0)
  const skipped = await Promise.all(parts.map((part) => readPart(part, { cwd, visit })))
  return skipped.flat()
}

async function readPart(
  files: StagedFile[],
  { cwd, visit }: { cwd: string; visit: Promise<Visit> },
): Promise<StagedFile[]> {
  const argv = ['cat-file', '--batch', '--buffer']
  const child = startGit(argv, { cwd })
  const ended = gitEnded(child, { argv })
  child.stdin!.end(files.map(({ blob }) => `${blob}\n`).join(''))
  const reader = byteReader(child.stdout!)
  const reading = visit.then((ready) => readBatch(reader, { files, visit: ready }))
  const [skipped] = await Promise.all([reading, ended])
  return skipped
}

// Each object is "NAME blob SIZE\n", its bytes, "\n".
async function readBatch(
  reader: ByteReader,
  { files, visit }: { files: StagedFile[]; visit: Visit },
): Promise<StagedFile[]> {
  const skipped: StagedFile[] = []
  for (const file of files) {
    const [, type, size] = (await reader.line()).split(' ')
    if (type !== 'blob') throw new TaskError(`git has no content of ${file.path}`, { hint: 'git fsck' })
    if (Number(size) > maxBytes) {
      await reader.skip(Number(size) + 1)
      skipped.push(file)
    } else visit(file, (await reader.take(Number(size) + 1)).subarray(0, -1))
  }
  return skipped
}
