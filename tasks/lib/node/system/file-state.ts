import { TaskError } from '../../cli/errors.ts'
import { quote } from '../../cli/process/quote.ts'
import type { Answer } from '../resource.ts'
import { wholeAnswer } from './answers.ts'

/** What stands at a path. */
export type FileState =
  | { kind: 'absent' }
  | { kind: 'link'; to: string }
  | { kind: 'file'; mode: string; owner: string; ids: string; content: string }

/** Shell that prints what stands at a path; of a secret file the content's SHA-256 instead of it. */
export function fileProbe(path: string, { secret = false } = {}): string {
  const file = quote(path)
  const content = secret ? `sha256sum <${file}` : `cat -- ${file}`
  return [
    `if test -L ${file}; then printf 'link '; readlink -- ${file}`,
    `elif test -f ${file}; then stat -c 'file %a %U:%G %u:%g' -- ${file} && ${content}`,
    `elif test -e ${file}; then stat -c 'other %F' -- ${file}`,
    'else echo absent; fi',
  ].join('\n')
}

/** Reads that answer; a folder or a device at the path is a TaskError. */
export function fileState(path: string, answer: Answer): FileState {
  const text = wholeAnswer(answer)
  const end = text.indexOf('\n')
  const [kind, ...words] = text.slice(0, end).split(' ')
  const rest = words.join(' ')
  if (kind === 'absent') return { kind }
  if (kind === 'link') return { kind, to: rest }
  const [mode, owner, ids] = words
  if (kind === 'file' && mode && owner && ids) {
    return { kind, mode: mode.padStart(4, '0'), owner, ids, content: text.slice(end + 1) }
  }
  if (kind !== 'other')
    throw new TaskError(`what stands at ${path} cannot be told from: ${text.slice(0, 80)}`)
  throw new TaskError(`${path} is a ${rest}, not a file`, {
    hint: `look at it, and move it away if it is not needed: mv ${quote(path)} ${quote(`${path}.old`)}`,
  })
}

/** Whether a file has that mode, "0644", and owner, by name or number. */
export function hasAccess(
  state: { mode: string; owner: string; ids: string },
  { mode, owner }: { mode: string; owner: string },
): boolean {
  return (
    Number.parseInt(state.mode, 8) === Number.parseInt(mode, 8) && [state.owner, state.ids].includes(owner)
  )
}
