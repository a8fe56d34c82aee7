import type { Cluster, Ssh, SyncedFolder, Tang, Unlock } from '../model.ts'
import type { ClusterValues } from './cluster-values.ts'

type Machines = Pick<Cluster, 'ssh' | 'system' | 'keyServer' | 'tang' | 'unlock' | 'sync'>

const everyFiveMinutes = '*:0/5'

/** How machines are reached, prepared and unlocked. */
export function buildMachines(
  values: ClusterValues,
  { user, identity }: Pick<Ssh, 'user' | 'identity'>,
): Machines {
  const { keyServer, tang, system = {}, sync = [] } = values
  return {
    ssh: { parallel: 20, ...values.ssh, ...(user && { user }), ...(identity && { identity }) },
    system: { packages: [], modules: [], sysctl: {}, ...system },
    ...(keyServer && { keyServer: { host: '', path: '/masterlock', ...keyServer } }),
    ...(tang && { tang: tang as Tang }),
    unlock: values.unlock ?? usualUnlock(values),
    sync: sync.map((folder) => ({ schedule: everyFiveMinutes, ...folder }) as SyncedFolder),
  }
}

function usualUnlock({ keyServer, tang }: ClusterValues): Unlock {
  if (keyServer) return 'key-server'
  return tang ? 'tang' : 'manual'
}
