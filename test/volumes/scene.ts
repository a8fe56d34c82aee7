import type { Change, Plan } from '../../tasks/lib/cli/change.ts'
import { allChanges } from '../../tasks/lib/cli/plan/plan-counts.ts'
import type { Config } from '../../tasks/lib/config/model.ts'
import type { Machine } from '../../tasks/lib/node/machine.ts'
import type { Machines } from '../../tasks/lib/node/ssh/machines.ts'
import { keyServerStore } from '../../tasks/lib/node/volume-keys/key-server-store.ts'
import type { Volume } from '../../tasks/lib/node/volumes/volume.ts'
import type { SecretProject } from '../../tasks/lib/secrets/project.ts'
import type { VolumeScene } from '../../tasks/lib/volumes/chosen-volumes.ts'
import { keyOfVolume } from '../../tasks/lib/volumes/volume-keys.ts'
import { localMachine } from '../support/local-machine.ts'
import type { LuksFile } from '../support/luks-file.ts'

const progress = { say: () => {}, signal: new AbortController().signal }

/** One volume in a file, with its key on a key server that is this host too. */
export function fileScene(
  luks: LuksFile,
  { project, machine = localMachine('kube1') }: { project: SecretProject; machine?: Machine },
): VolumeScene {
  const keys = localMachine('keys')
  const cluster = { name: 'home', unlock: 'key-server', ssh: { parallel: 2 }, nodes: [] }
  const config = { cluster, configured: true } as unknown as Config
  const volume = { name: 'data', node: 'kube1', device: luks.device } as Volume
  const store = keyServerStore(keys, { path: luks.path, node: 'kube1', volume: 'data' })
  const machines = { keyServer: () => keys } as unknown as Machines
  const now = () => new Date()
  const key = keyOfVolume(volume, { config, project, now, store })
  const chosen = [{ node: { name: 'kube1' } as never, volume, machine, key, store }]
  return { config, machines, project, now, chosen, isSimulated: false }
}

/** The changes of a plan's steps, in order. */
export function changesIn({ steps }: Pick<Plan, 'steps'>): Change[] {
  return allChanges({ target: 'test', steps, findings: [] })
}

/** Makes and verifies all of them. */
export async function make(changes: Change[]): Promise<void> {
  for (const change of changes) await change.run(progress)
  for (const change of changes) await change.verify(progress)
}

export async function makeOne(change: Change): Promise<void> {
  await change.run(progress)
}
