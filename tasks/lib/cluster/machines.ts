import { atEnd } from '../cli/at-end.ts'
import type { Config } from '../config/model.ts'
import { type Machines, openMachines } from '../node/ssh/machines.ts'

const opened = new WeakMap<Config, Machines>()

/** The machines of a configuration, the same for all parts of a task; connections end with the task. */
export function machinesOf(config: Config, { signal }: { signal: AbortSignal }): Machines {
  const known = opened.get(config)
  if (known) return known
  const machines = openMachines(config, { signal })
  opened.set(config, machines)
  atEnd(async () => {
    opened.delete(config)
    await machines.close()
  })
  return machines
}
