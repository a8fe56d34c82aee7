import { createHash } from 'node:crypto'
import type { Place } from '../../cli/errors.ts'
import { quote } from '../../cli/process/quote.ts'
import type { Action, Resource } from '../resource.ts'
import { textLines } from './answers.ts'
import { writeCommands } from './edit-commands.ts'
import { type FileState, fileProbe, fileState, hasAccess } from './file-state.ts'

export interface FileOptions {
  path: string
  content: string
  /** "0644" */
  mode?: string
  /** "root:root" */
  owner?: string
  /** The plan shows nothing of its content. */
  secret?: boolean
  /** The command that has to accept the new file, by its quoted path, before it takes its place. */
  check?(path: string): string
  source?: Place
}

/** A file with that content, mode and owner; the plan shows the difference of its lines. */
export function file({ path, content, secret, check, source, ...more }: FileOptions): Resource {
  const wanted = { path, content, secret, check, mode: more.mode ?? '0644', owner: more.owner ?? 'root:root' }
  return {
    target: `file ${path}`,
    source,
    probe: fileProbe(path, { secret }),
    plan: (answer) => ({ actions: fileActions(fileState(path, answer), wanted) }),
  }
}

type Wanted = Required<Pick<FileOptions, 'path' | 'content' | 'mode' | 'owner'>> &
  Pick<FileOptions, 'secret' | 'check'>

function fileActions(state: FileState, wanted: Wanted): Action[] {
  const { path, mode, owner } = wanted
  if (state.kind === 'absent') return [rewrite('create', { before: [], wanted })]
  if (state.kind === 'link') return [rewrite('replace', { before: [`link to ${state.to}`], wanted })]
  const access = hasAccess(state, wanted)
  const before = [...(access ? [] : [accessLine(state)]), ...shown(state.content, wanted, 'present')]
  if (!holds(state.content, wanted)) return [rewrite('update', { before, wanted, access })]
  if (access) return []
  const commands = [`chown -- ${quote(owner)} ${quote(path)}`, `chmod -- ${mode} ${quote(path)}`]
  const title = `set mode and owner of ${path}`
  return [{ action: 'update', title, before: [accessLine(state)], after: [accessLine(wanted)], commands }]
}

function rewrite(
  action: 'create' | 'update' | 'replace',
  { before, wanted, access = false }: { before: string[]; wanted: Wanted; access?: boolean },
): Action {
  const { path, content, mode, owner, check } = wanted
  const after = [...(access ? [] : [accessLine(wanted)]), ...shown(content, wanted, 'wanted')]
  return {
    action,
    title: action === 'replace' ? `replace the link ${path} by a file` : `${action} ${path}`,
    before,
    after,
    commands: writeCommands(path, { bytes: Buffer.byteLength(content), mode, owner, check }),
    input: () => content,
  }
}

function holds(present: string, { content, secret }: Wanted): boolean {
  return secret ? present.startsWith(digest(content)) : present === content
}

function shown(text: string, { secret }: Wanted, which: 'present' | 'wanted'): string[] {
  return secret ? [`(${which} content, not shown)`] : textLines(text)
}

function accessLine({ mode, owner }: { mode: string; owner: string }): string {
  return `(mode ${mode}, ${owner})`
}

function digest(content: string): string {
  return createHash('sha256').update(content).digest('hex')
}
