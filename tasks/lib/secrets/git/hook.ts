import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import type { Finding } from '../../cli/errors.ts'
import { git } from './git.ts'
import type { Setup, SetupChange } from './setup-change.ts'

const mark = '# metaltasks: clear secrets are not committed (tasks secrets:git-setup --undo takes this out)'
const shell = /^#!\s*\S*(?:\/|env\s+)(?:ba|da|z|k|a)?sh\b/

/**
 * The pre-commit hook: a line of an existing one, before everything else in it, because a hook may end early. What is
 * no script of a shell, or belongs to other repositories too, is left alone and told of.
 */
export async function hookChange({
  top,
  command,
  undo,
}: Setup): Promise<{ changes: SetupChange[]; findings: Finding[] }> {
  const { file, isShared, isCommitted } = await hookFile(top)
  const before = await readFile(file, 'utf8').catch(noneIfMissing)
  const shown = relative(top, file).startsWith('..') ? file : relative(top, file)
  if (undo) return { changes: removal({ file, shown, before }), findings: [] }
  // A hook that others check out too must not name a path of this machine.
  const guard = `${isCommitted ? 'npx --no-install tasks' : command} secrets:guard || exit 1`
  const kind = obstacle(before, { isShared })
  if (before?.includes(`${mark}\n${guard}\n`)) return { changes: [], findings: [] }
  if (kind) return { changes: [], findings: [byHand(shown, { kind, guard })] }
  const after = withGuard(without(before ?? ''), guard)
  const run = async () => {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, after)
    await chmod(file, ((await stat(file)).mode & 0o777) | 0o111)
  }
  return { changes: [{ title: `${shown}: tasks secrets:guard before each commit`, run }], findings: [] }
}

async function hookFile(top: string): Promise<{ file: string; isShared: boolean; isCommitted: boolean }> {
  const ask = async (...argv: string[]) =>
    resolve(top, (await git(['rev-parse', ...argv], { cwd: top })).replace(/\n$/, ''))
  const [hooks, own] = await Promise.all([ask('--git-path', 'hooks'), ask('--git-common-dir')])
  const isBelow = (folder: string, path: string) => !relative(folder, path).startsWith('..')
  // Husky makes .husky/_ anew; what it runs is the file beside it.
  const folder = /[\\/]\.husky[\\/]_$/.test(hooks) ? dirname(hooks) : hooks
  const isOwn = isBelow(own, folder)
  return { file: join(folder, 'pre-commit'), isShared: !isOwn && !isBelow(top, folder), isCommitted: !isOwn }
}

function obstacle(text: string | undefined, { isShared }: { isShared: boolean }): string | undefined {
  if (isShared) return 'the hooks are those of other repositories too (core.hooksPath)'
  const isScript = text === undefined || !text.startsWith('#!') || shell.test(text)
  return isScript ? undefined : 'the pre-commit hook is no script of a shell'
}

function byHand(file: string, { kind, guard }: { kind: string; guard: string }): Finding {
  const message = `${kind}: it was left as it is, and commits are not guarded`
  return { severity: 'warning', message, file, hint: `add to it by hand: ${guard}` }
}

function withGuard(text: string, guard: string): string {
  const [, first = '', rest = ''] = /^(#![^\n]*\n?)?([\s\S]*)$/.exec(text)!
  const start = first === '' ? (text === '' ? '#!/bin/sh\n' : '') : first.replace(/\n?$/, '\n')
  return `${start}${mark}\n${guard}\n${rest}`
}

function without(text: string): string {
  const at = text.indexOf(mark)
  if (at < 0) return text
  const end = text.indexOf('\n', at + mark.length + 1)
  return text.slice(0, at) + (end < 0 ? '' : text.slice(end + 1))
}

// A hook that only guards goes as a whole.
function removal({
  file,
  shown,
  before,
}: {
  file: string
  shown: string
  before: string | undefined
}): SetupChange[] {
  if (!before?.includes(mark)) return []
  const after = without(before)
  const run = () => (after.trim() === '#!/bin/sh' ? rm(file) : writeFile(file, after))
  return [{ title: `take the guard out of ${shown}`, run }]
}

function noneIfMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined
  throw error
}
