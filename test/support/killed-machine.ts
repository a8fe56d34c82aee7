import type { Machine } from '../../tasks/lib/node/machine.ts'

/** How a script is to end: before its command of that number, or after so many milliseconds; undefined: by itself. */
export type End = { beforeCommand: number } | { afterMilliseconds: number } | undefined

/** A machine on which scripts are killed with all that they started, as a power cut would. */
export function killedMachine(machine: Machine, nextEnd: () => End): Machine {
  return {
    ...machine,
    run: (script, options) => machine.run(killing(script, nextEnd()), options),
  }
}

function killing(script: string, end: End): string {
  if (!end) return script
  if ('afterMilliseconds' in end)
    return `{ sleep ${end.afterMilliseconds / 1000}; kill -9 0; } >/dev/null 2>&1 </dev/null &\n${script}`
  const commands = script.split(/\n(?=eval )/)
  if (commands.length <= end.beforeCommand) return script
  return commands
    .map((part, index) => (index === end.beforeCommand ? `kill -9 $$\n${part}` : part))
    .join('\n')
}

/** Random numbers that are the same for the same seed: mulberry32. */
export function seededRandom(seed: number): (max: number) => number {
  let state = seed
  return (max) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % max
  }
}
