import { randomUUID } from 'node:crypto'
import { quote } from '../../cli/process/quote.ts'
import { runMark } from '../run-mark.ts'

/** A script on its way: what sshd is asked to run, and the bytes for its stdin. */
export interface Frame {
  /** In the machine's process list for all to see: the same for every script but for a size and a random mark. */
  command: string
  /** The script's own input follows after it. */
  head: Buffer
}

/** What came back, without the frame. */
export interface Unframed {
  /** Whether the script began at all. */
  started: boolean
  /** Undefined where the end did not come: the answer was cut off. */
  exitCode?: number
  stdout: string
  stderr: string
}

/** A mark that no output can contain by chance, and that tells scripts of this run from others. */
export function newMark(): string {
  return `${runMark}-${randomUUID()}`
}

/**
 * Frames a script that runs as root: by sudo, unless the user is root; sudo gets a password where one is given. `mark`
 * is random, so that no output can look like the frame.
 */
export function frameScript(script: string, { mark, password }: { mark: string; password?: string }): Frame {
  const text = Buffer.from(wholeScript(script, mark))
  // Were the password not taken by sudo, it would stand where the mark is expected, and nothing would run.
  const inner = `read -r mark && test "$mark" = ${mark} && eval "$(head -c ${text.length})"`
  const become =
    password === undefined ? 'test "$(id -u)" -eq 0 && exec sh -c "$0"; exec sudo -n' : askingSudo
  const command = `sh -c ${quote(`LC_ALL=C; export LC_ALL; ${become} -- sh -c "$0"`)} ${quote(inner)}`
  const lines = [...(password === undefined ? [] : [password]), mark, '']
  return { command, head: Buffer.concat([Buffer.from(lines.join('\n')), text]) }
}

/** With -k it asks whatever it remembers: the line on stdin is always taken. */
export const askingSudo = 'exec sudo -k -S -p ""'

// It says on both streams that it began, with its process group, and on stdout that and how it ended: what a login
// shell prints before is no answer, and an answer without its end is none. The trap lets the end be told of a script
// that was ended; a subshell has its own.
function wholeScript(script: string, mark: string): string {
  return `export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
umask 022
cd /
trap : HUP INT TERM
read -r pid name state parent group rest </proc/$$/stat
echo "${mark} begins $group"
echo "${mark} begins $group" >&2
(
eval ${quote(script)}
)
printf '\\n${mark} ended %s\\n' "$?"
`
}

/** The process group of a script that began, once a stream said so. */
export function startedGroup(output: string, mark: string): number | undefined {
  const group = new RegExp(`${mark} begins (\\d+)\n`).exec(output)?.[1]
  return group === undefined ? undefined : Number(group)
}

/** Takes the frame off what came back. */
export function unframe({ stdout, stderr }: { stdout: string; stderr: string }, mark: string): Unframed {
  const output = afterBeginning(stdout, mark)
  const error = afterBeginning(stderr, mark)
  const started = (output ?? error) !== undefined
  const answer = { started, stdout: output ?? '', stderr: error ?? stderr }
  const at = answer.stdout.lastIndexOf(`\n${mark} ended `)
  const code = at < 0 ? undefined : /^\n\S+ ended (\d+)\n/.exec(answer.stdout.slice(at))?.[1]
  if (code === undefined) return answer
  return { ...answer, exitCode: Number(code), stdout: answer.stdout.slice(0, at) }
}

function afterBeginning(text: string, mark: string): string | undefined {
  const at = text.indexOf(`${mark} begins `)
  const end = text.indexOf('\n', at)
  return at < 0 || end < 0 ? undefined : text.slice(end + 1)
}
