import { readFileSync } from 'node:fs'

/** Numbers of the host's processors that this process may use, from the kernel's "0-1,4". */
export function ownProcessors(status = readFileSync('/proc/self/status', 'utf8')): number[] {
  const list = /^Cpus_allowed_list:\s*(.+)$/m.exec(status)![1]!
  return list.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number) as [number, number?]
    return Array.from({ length: last! - first + 1 }, (_, index) => first + index)
  })
}

/**
 * The command by which a machine of one processor keeps to one of the host's, in turns: its kernel hands over to its
 * programs and back at each system call, which costs a fraction where neither wakes another processor for it.
 */
export function keptTo(index: number, processors = ownProcessors()): string[] {
  return ['taskset', '-c', String(processors[index % processors.length])]
}
