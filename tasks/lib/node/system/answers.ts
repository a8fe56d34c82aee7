import { TaskError } from '../../cli/errors.ts'
import type { Answer } from '../resource.ts'

/** What a probe printed that must have ended well; a TaskError with its last words otherwise. */
export function wholeAnswer({ stdout, stderr, exitCode }: Answer): string {
  if (exitCode === 0) return stdout
  const said = stderr.trim().split('\n').slice(-5).join('\n')
  throw new TaskError(`its state cannot be read: exit code ${exitCode}${said && `\n${said}`}`, {
    hint: 'look at it on the machine; nothing is changed before it can be read',
  })
}

/** The lines of a text, without the empty one after its last newline. */
export function textLines(text: string): string[] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') return lines.slice(0, -1)
  return [...lines, '(no newline at the end)']
}

/** Its non-empty lines. */
export function answerLines(answer: Answer): string[] {
  return wholeAnswer(answer)
    .split('\n')
    .filter((line) => line !== '')
}
