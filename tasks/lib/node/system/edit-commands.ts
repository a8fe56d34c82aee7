import { basename, dirname, join } from 'node:path'
import { quote } from '../../cli/process/quote.ts'

export interface NewFile {
  /** Length of what comes by stdin: a connection that ends too early must not leave half a file. */
  bytes: number
  mode: string
  owner: string
  /** The command that has to accept the new file, by its quoted path, before it takes its place. */
  check?(path: string): string
}

/** Commands that make a file hold their stdin. Killed at any moment the file is the old or the new one, whole. */
export function writeCommands(path: string, { bytes, mode, owner, check }: NewFile): string[] {
  const next = quote(nextTo(path))
  return [
    `mkdir -p -- ${quote(dirname(path))}`,
    `(umask 077; cat >${next})`,
    `test "$(wc -c <${next})" -eq ${bytes}`,
    `chown -- ${quote(owner)} ${next}`,
    `chmod -- ${mode} ${next}`,
    ...(check ? [check(next)] : []),
    ...takeItsPlace(path),
  ]
}

/** Commands that exchange whole lines of a file that exists, each for another. */
export function replaceLinesCommands(path: string, lines: ReadonlyMap<string, string>): string[] {
  const words = [...lines].map(([from, to]) => `-e ${quote(`s|^${pattern(from)}$|${replacement(to)}|`)}`)
  return [
    ...copyBeside(path),
    `sed ${words.join(' ')} -- ${quote(path)} >${quote(nextTo(path))}`,
    ...takeItsPlace(path),
  ]
}

/** Commands that put a line at the end of a file, which need not exist, and nowhere else. */
export function appendLineCommands(path: string, line: string): string[] {
  const [file, next] = [quote(path), quote(nextTo(path))]
  return [
    `mkdir -p -- ${quote(dirname(path))}`,
    `test -e ${file} || (umask 022; : >>${file})`,
    ...copyBeside(path),
    `grep -vxF -- ${quote(line)} ${file} >${next} || test "$?" -eq 1`,
    `printf '%s\\n' ${quote(line)} >>${next}`,
    ...takeItsPlace(path),
  ]
}

// In the same folder, so that mv is one step; a name that no program reads a configuration from.
function nextTo(path: string): string {
  return join(dirname(path), `.${basename(path)}.next`)
}

// Mode and owner stay; the content is written over.
function copyBeside(path: string): string[] {
  return [`cp -p -- ${quote(path)} ${quote(nextTo(path))}`]
}

function takeItsPlace(path: string): string[] {
  const next = quote(nextTo(path))
  return [`sync -- ${next}`, `mv -fT -- ${next} ${quote(path)}`, `sync -- ${quote(dirname(path))}`]
}

function pattern(text: string): string {
  return text.replace(/[.*[\]^$\\|]/g, '\\$&')
}

function replacement(text: string): string {
  return text.replace(/[&\\|]/g, '\\$&')
}
