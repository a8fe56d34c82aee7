import type { TaskError } from '../../cli/errors.ts'
import { connectFailure } from './failures.ts'
import type { SshHost } from './hosts.ts'
import { pinnedKeys } from './known-hosts.ts'
import { readLogin, type ScanOptions, scanKeys } from './scan.ts'

/** Why a host could not be logged in to, from what ssh said. */
export type Explain = (host: SshHost, stderr: string) => Promise<TaskError>

/** Explains by what a host shows, what is recorded of it, and what ssh would do. */
export function explainer({ knownHosts, ...scan }: ScanOptions & { knownHosts: string }): Explain {
  return (host, stderr) =>
    connectFailure(host, {
      stderr,
      evidence: {
        pinned: pinnedKeys(knownHosts, host.name),
        shown: () => scanKeys(host, scan),
        login: () => readLogin(host, scan),
      },
    })
}
