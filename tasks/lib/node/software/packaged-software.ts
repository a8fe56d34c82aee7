import type { Cluster } from '../../config/model.ts'
import type { Resource } from '../resource.ts'
import { type ProgramsOptions, releasedPrograms } from './programs.ts'
import type { ProgramName } from './versions.ts'

/** The programs of a node from apt repositories of their projects, pinned and held; etcd's come from its release. */
export function packagedSoftware(
  names: readonly ProgramName[],
  { cluster, ...options }: ProgramsOptions & { cluster: Cluster },
): Resource[] {
  return [releasedPrograms(names, options)]
}
