import type { Result } from './bar.ts'
import type { Lab } from './lab.ts'

/** How much is measured; --quick takes less of all. */
export interface Sizes {
  /** Runs of each contender, the unmeasured one not counted. */
  runs: number
  /** Runs of what takes half a minute. */
  slowRuns: number
  /** Objects of the runs against the server. */
  objects: number
  /** Objects and texts that are rendered in process. */
  rendered: number
  /** PersistentVolumes of the largest run: nodes, and volumes on each. */
  nodes: number
  volumesPerNode: number
  /** Machines that are checked again over SSH. */
  targets: number
}

/** One part of the benchmark; --only takes its name. */
export interface Chapter {
  name: string
  /** What it needs and is not there; a whole run then goes on without it. */
  missing?(): Promise<string | undefined>
  measure(lab: Lab, sizes: Sizes): Promise<Result>
}
