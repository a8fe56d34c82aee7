import { bootUnit, openProgram, waitingUnits } from './names.ts'

/**
 * It waits as long as it takes and is never restarted: units that require it then keep a waiting start job and start by
 * themselves. A unit that failed and was restarted would leave them down.
 */
export function bootUnitText(): string {
  return `[Unit]
Description=Open and mount the encrypted volumes of this machine
After=network.target
Before=${waitingUnits.map((unit) => `${unit}.service`).join(' ')}

[Service]
Type=oneshot
RemainAfterExit=yes
NotifyAccess=all
TimeoutStartSec=infinity
ExecStart=${openProgram}

[Install]
WantedBy=multi-user.target
`
}

/**
 * Of each unit that must not run while a volume is closed. The assertion is looked at when its turn has come, so a volume
 * that was unmounted later keeps it down too. RequiresMountsFor= would start the mount units as well: their jobs end after
 * 90 s without the device, and the container runtime would stay down when the key server is back.
 */
export function dropInText(paths: readonly string[]): string {
  return `[Unit]
Requires=${bootUnit}
After=${bootUnit}
${paths.map((path) => `AssertPathIsMountPoint=${path.replaceAll('%', '%%')}\n`).join('')}`
}
