import { quote } from '../../../cli/process/quote.ts'
import type { Volume, VolumeKey } from '../volume.ts'

/** Shorter keys are no keys: an empty one would format a volume that everybody can open. */
const leastBytes = 32
const mostBytes = 8 * 2 ** 20
const whole = 'whole'

/**
 * Shell that reads a volume's key into a variable of the shell itself, in base64, and stops where it did not come
 * whole. It is never in an argument list or an environment: printf is the shell's own.
 */
export function readKey(volume: { name: string }, key: VolumeKey): string[] {
  const text = 'printf %s "$key" | base64 -d'
  return [
    // The word at the end stands for the exit code of the command that reads: a pipe hides it.
    `unset key; key=$({ ${key.read} && printf ${whole}; } | head -c ${mostBytes + whole.length} | base64 -w 0)`,
    `test "$(${text} | tail -c ${whole.length} | tr -d '\\000')" = ${whole} || { echo 'refused: the key of ${volume.name} did not come whole' >&2; exit 1; }`,
    `bytes=$(($(${text} | wc -c) - ${whole.length})); test "$bytes" -ge ${leastBytes} || { echo "refused: the key of ${volume.name} has $bytes bytes, expected ${leastBytes} at least" >&2; exit 1; }`,
  ]
}

/** A command of cryptsetup that gets the key on its stdin; a stream that ends early is no key to it. */
export function withKey(command: string): string {
  return `printf %s "$key" | base64 -d | cryptsetup ${command.replace(/^(\S+)/, '$1 --key-file=- --keyfile-size="$bytes"')}`
}

/** A command that opens a volume, where nobody has: a machine that has just started opens its volumes itself, at any moment. */
export function unlessOpen({ opened }: Pick<Volume, 'opened'>, open: string): string {
  const isOpen = `test -b ${quote(opened)}`
  return `${isOpen} || ${open} || { sleep 1; ${isOpen}; }`
}
