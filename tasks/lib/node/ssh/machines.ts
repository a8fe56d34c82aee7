import type { ClusterNode, Config } from '../../config/model.ts'
import type { Machine } from '../machine.ts'

/** The machines of a project over SSH. A connection opens with a machine's first script and is shared by all. */
export interface Machines {
  of(node: ClusterNode): Machine
  /** The host with the keys of encrypted volumes; undefined where the configuration names none. */
  keyServer(): Machine | undefined
  /** Ends the connections that this run opened. */
  close(): Promise<void>
}

export interface MachinesOptions {
  signal: AbortSignal
  /** The program and words before its own arguments: ["ssh"] unless told. */
  program?: readonly string[]
}

/** Reads known_hosts and settings only; connects to nothing. */
export function openMachines(_config: Config, _options: MachinesOptions): Machines {
  throw new Error('not built yet')
}
