import { readFileSync } from 'node:fs'

type Environment = Readonly<Record<string, string | undefined>>

let known: Environment | undefined

/** The process environment; the only place that reads it. Tests pass their own. */
export function environment(): Environment {
  known ??= withoutNpm(process.env)
  return known
}

/**
 * npm and npx put the path of node into NODE, over the operator's own NODE=kube1. The processes above npm still have
 * the value that was typed; where the system shows none of them, NODE is unset rather than wrong.
 */
export function withoutNpm(given: Environment, typed: () => string | undefined = typedNode): Environment {
  if (given.NODE === undefined || given.NODE !== given.npm_node_execpath) return given
  return { ...given, NODE: typed() }
}

// The nearest ancestor whose environment npm has not set up: npm itself as it was called, or the shell above it.
function typedNode(): string | undefined {
  let pid = process.ppid
  for (let level = 0; level < 10 && pid > 1; level++) {
    const variables = environmentOf(pid)
    if (!variables) return undefined
    if (!variables.has('npm_node_execpath')) return variables.get('NODE')
    pid = parentOf(pid)
  }
  return undefined
}

function environmentOf(pid: number): Map<string, string> | undefined {
  try {
    const entries = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean)
    return new Map(
      entries.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
    )
  } catch {
    // Another system than Linux, another user's process, or one that has ended: nothing is known.
    return undefined
  }
}

// The fourth field of /proc/PID/stat; the second is the program's name in brackets and may hold blanks.
function parentOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
}
