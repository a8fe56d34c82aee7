import type { SandboxStatus } from './status.ts'

/** The status for people, one fact a line. */
export function statusLines(status: SandboxStatus): string[] {
  if (status.state === 'absent') return ['the sandbox was never started']
  const facts: [string, string | undefined][] = [
    ['state', stateText[status.state]],
    ['version', `Kubernetes ${status.kubernetesVersion}`],
    ['server', status.server],
    ['kubeconfig', status.kubeconfig],
    ['nodes', status.nodes === undefined ? undefined : `${status.nodes}, simulated`],
    ['up for', status.upSeconds === undefined ? undefined : durationText(status.upSeconds)],
    ['created', status.created],
    ['memory', status.memory > 0 ? megabytes(status.memory) : undefined],
  ]
  const lines = facts
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name.padEnd(12)}${value}`)
  return [...lines, ...processLines(status)]
}

const stateText = {
  running: 'running',
  damaged: 'damaged: not all of its programs run, the next start heals it',
  stopped: 'stopped, its data is kept',
}

function processLines({ processes }: SandboxStatus): string[] {
  if (processes.length === 0) return []
  const rows = processes.map(({ name, pid, memory, ports, log }) => [
    name,
    String(pid),
    megabytes(memory),
    ports.length > 0 ? ports.join(',') : '-',
    log,
  ])
  const table = [['PROCESS', 'PID', 'MEMORY', 'PORTS', 'LOG'], ...rows]
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)))
  return [
    '',
    ...table.map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    ),
  ]
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1_000_000)} MB`
}

function durationText(seconds: number): string {
  const days = Math.floor(seconds / 86_400)
  const hours = Math.floor((seconds % 86_400) / 3600)
  const minutes = Math.floor((seconds % 3600) / 60)
  if (days > 0) return `${days} d ${hours} h`
  if (hours > 0) return `${hours} h ${minutes} min`
  return minutes > 0 ? `${minutes} min` : `${seconds} s`
}
