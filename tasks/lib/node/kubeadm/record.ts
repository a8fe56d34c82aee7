import { quote } from '../../cli/process/quote.ts'
import type { Beginning } from './kubernetes-state.ts'
import { beginningFile, etcdFolder, recordFolder } from './paths.ts'
import { traces } from './traces.ts'

/** How far a setup came: what ended is told, never what is being done. */
export type Reached = 'begun' | 'certified' | 'started'

/** What the record says. */
export interface Record {
  kind: Beginning
  reached: Reached
}

/** Reads the record's line: "init certified". Undefined where there is none. */
export function readRecord(line: string): Record | undefined {
  const [kind, reached] = line.trim().split(' ')
  return kind ? { kind: kind as Beginning, reached: (reached ?? 'begun') as Reached } : undefined
}

/**
 * Neither kubeadm nor the kubelet waits until what they write is on the disk: after a power cut their files would be there
 * and empty, though they count as made.
 */
export const written = 'sync'

/** Commands that write the record: whole or not at all, on the disk before they end, and after what it tells of. */
export function recordCommands({ kind, reached }: Record): string[] {
  const next = `${recordFolder}/.beginning.next`
  return [
    ...(reached === 'begun' ? [] : [written]),
    `install -d -m 0700 ${recordFolder}`,
    `printf '%s\\n' ${quote(`${kind} ${reached}`)} >${next}`,
    `sync ${next} && mv -f ${next} ${beginningFile} && sync ${recordFolder}`,
  ]
}

/** Ends the setup: the record goes last. */
export const endCommands = [written, `rm -f ${beginningFile} && sync ${recordFolder}`]

/** Stops where the record is another one than the plan saw. */
export function recordGuard({ kind, reached }: Record): string {
  return `test "$(cat ${beginningFile})" = ${quote(`${kind} ${reached}`)}`
}

/** Stops where anything of a cluster is on the machine, ours or not; `except` is expected to be there. */
export function emptyGuard({ except = [] }: { except?: readonly string[] } = {}): string {
  const files = [beginningFile, `${etcdFolder}/member`, ...traces].filter((file) => !except.includes(file))
  return `for file in ${files.join(' ')}; do
  if test -e "$file"; then
    echo "$file is there: a cluster was on this machine, nothing is set up over it" >&2
    exit 1
  fi
done`
}

/** A command of several lines, inside of another one. */
export function indented(command: string): string {
  return command.replaceAll('\n', '\n  ')
}

/**
 * Puts aside what a setup has half made and nothing has used: kubeadm takes over whatever it finds, also a file that was
 * cut off. Nothing is deleted. With `empty`, only what a power cut has left without content.
 */
export function asideCommand(files: readonly string[], { empty = false } = {}): string {
  return `aside=${recordFolder}/unfinished-$(date +%Y%m%d%H%M%S)-$$
for file in ${files.join(' ')}; do
  if test -e "$file"${empty ? ' && ! test -s "$file"' : ''}; then
    mkdir -p -m 0700 "$aside"
    mv -- "$file" "$aside/$(printf %s "$file" | tr / -)"
  fi
done`
}
