import { backupPaths, backupUnit } from './paths.ts'

/** The service that makes one backup. */
export function backupService(): string {
  return `# Written by metaltasks.
[Unit]
Description=Back up etcd with certificates and encryption keys
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
# Killed at any moment, the next run begins anew; what is complete stays.
ExecStart=${backupPaths.program} run
TimeoutStartSec=6h
Nice=10
IOSchedulingClass=idle
`
}

/** The timer that starts it. Each control plane makes its own backups, at a moment of its own. */
export function backupTimer(schedule: string): string {
  return `# Written by metaltasks.
[Unit]
Description=Back up etcd by schedule

[Timer]
OnCalendar=${schedule}
RandomizedDelaySec=10m
FixedRandomDelay=true
# One that was missed is made up for.
Persistent=true

[Install]
WantedBy=timers.target
# ${backupUnit}.service
`
}
