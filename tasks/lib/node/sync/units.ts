import type { SyncedFolder } from '../../config/model.ts'
import { syncProgram } from './program.ts'

/** "metaltasks-sync-share" */
export function syncUnit(name: string): string {
  return `metaltasks-sync-${name}`
}

/** The service that synchronises a folder once. */
export function serviceText({ name, path, nodes }: SyncedFolder): string {
  return `# Written by metaltasks.
[Unit]
Description=Keep ${path} the same on ${nodes.join(', ')}
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
# Killed at any moment, the next run goes on: files take their place whole.
ExecStart=${syncProgram} run ${name}
Nice=10
IOSchedulingPriority=7
`
}

/** The timer that starts it. */
export function timerText({ name, path, schedule }: SyncedFolder): string {
  return `# Written by metaltasks.
[Unit]
Description=Synchronise ${path}

[Timer]
OnCalendar=${schedule}
AccuracySec=1s

[Install]
WantedBy=timers.target
# metaltasks-sync run ${name}
`
}
