import { atEnd } from '../../cli/at-end.ts'
import type { Config } from '../../config/model.ts'
import { hostsOf } from './hosts.ts'
import { type Machines, openMachines } from './machines.ts'

const opened = new Map<string, Machines>()

/** The machines of a project, the same for all parts of a task however often its configuration is read; connections end with it. */
export function machinesOf(config: Config, { signal }: { signal: AbortSignal }): Machines {
  const key = keyOf(config)
  const known = opened.get(key)
  if (known) return known
  const machines = openMachines(config, { signal })
  opened.set(key, machines)
  atEnd(async () => {
    opened.delete(key)
    await machines.close()
  })
  return machines
}

// All that a connection is made with.
function keyOf({ root, cluster }: Config): string {
  return JSON.stringify([root, cluster.ssh.identity, hostsOf(cluster)])
}
