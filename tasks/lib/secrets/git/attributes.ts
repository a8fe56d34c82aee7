import { readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, extname } from 'node:path'
import { isPublic } from '../guard/file-kinds.ts'
import { mustBeEncrypted } from '../guard/must-encrypt.ts'
import { stagedFiles } from './git-index.ts'
import type { SetupChange } from './setup-change.ts'

const attributes = 'merge=sops diff=sops'

/** The lines of .gitattributes that say which files are secret files: secrets/, and what else creation rules name. */
export async function attributesChange(
  file: string,
  { top, undo }: { top: string; undo?: boolean },
): Promise<SetupChange[]> {
  const before = await readFile(file, 'utf8').catch(noneIfMissing)
  const after = undo ? without(before) : withLines(before, await patterns(top))
  if (after === before) return []
  const added = after.split('\n').filter((line) => line.endsWith(` ${attributes}`) && !before.includes(line))
  const title = undo ? 'take the secret files out of .gitattributes' : `.gitattributes: ${added.join(', ')}`
  return [{ title, run: () => (after === '' ? rm(file) : writeFile(file, after)) }]
}

// A path_regex has no equal among git's patterns: files that it takes today stand for those of tomorrow.
async function patterns(top: string): Promise<string[]> {
  const files = await stagedFiles({ all: true }, { cwd: top })
  const selectorFor = await mustBeEncrypted(files, { top })
  const secret = files.filter(
    ({ path }) => !path.startsWith('secrets/') && !isPublic(path) && selectorFor(path),
  )
  const others = secret.map(({ path }) => {
    const folder = dirname(path)
    return escaped(`${folder === '.' ? '' : folder}/*${extname(path)}`)
  })
  return ['secrets/**', ...new Set(others.sort())]
}

function escaped(pattern: string): string {
  const literal = pattern.replaceAll(/[\\?[\]]/g, '\\$&')
  return /[\s"]/.test(literal) ? JSON.stringify(literal) : literal
}

function withLines(text: string, wanted: string[]): string {
  const present = text.split(/\r?\n/)
  const missing = wanted
    .map((pattern) => `${pattern} ${attributes}`)
    .filter((line) => !present.includes(line))
  const ended = text === '' || text.endsWith('\n') ? text : `${text}\n`
  return missing.length === 0 ? text : `${ended}${missing.join('\n')}\n`
}

function without(text: string): string {
  return text
    .split(/(?<=\n)/)
    .filter((line) => !line.trimEnd().endsWith(` ${attributes}`))
    .join('')
}

function noneIfMissing(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return ''
  throw error
}
