import type { Change, Plan } from '../../../cli/change.ts'
import { TaskError } from '../../../cli/errors.ts'
import type { EncryptionKey } from '../../../kubernetes/api-server/encryption.ts'
import type { ClusterScene } from '../../cluster.ts'
import { externalEtcdNodes } from '../../life/etcd-access.ts'
import { type EncryptionKeys, encryptionKeys } from '../../material.ts'
import type { OpenedSet } from '../opened-set.ts'
import { newMachineSteps } from './new-machine.ts'
import { restoreSteps } from './restore-plan.ts'
import { openRestore, restoredNodes } from './restore-scene.ts'
import { restoredCheck } from './restored-check.ts'
import { restoredKeys } from './restored-keys.ts'

/** The plan that restores a set: on the control planes that there are, or on the first of new machines. */
export async function planRestore(
  set: OpenedSet,
  scene: ClusterScene,
): Promise<Pick<Plan, 'steps' | 'findings' | 'next'>> {
  const kept = encryptionKeys(scene.project, scene)
  const keys = restoredKeys(set, await kept.kept())
  const keep = keys.keep ? [keepStep(kept, keys.keep)] : []
  if (restoredNodes(scene).length === 0) {
    refuseExternal(scene)
    return {
      steps: [...keep, ...(await newMachineSteps(set, scene))],
      findings: [note(set)],
      next: 'tasks install',
    }
  }
  const restore = await openRestore(set, { scene, keys })
  const check = restoredCheck(restore.members.find(({ server }) => server)!, set)
  return {
    steps: [
      ...keep,
      ...restoreSteps(restore, { set, keys }),
      {
        name: 'check',
        title: 'Ask for the restored cluster',
        waves: [{ changes: [check], parallel: 1 }],
        unchanged: [],
      },
    ],
    findings: [note(set)],
    next: 'tasks status',
  }
}

function refuseExternal({ config }: ClusterScene): void {
  const [host] = externalEtcdNodes(config)
  if (!host) return
  throw new TaskError(
    `etcd runs on hosts of its own, as on ${host.name}: on new machines it is restored by hand`,
    {
      hint: 'docs/runbooks.md, "Everything is lost", says what to do on each host',
    },
  )
}

function keepStep(kept: EncryptionKeys, keys: EncryptionKey[]) {
  const names = keys.map(({ name }) => name)
  const change: Change = {
    action: 'update',
    title: `keep the encryption keys of the backup in ${kept.shown}`,
    target: kept.shown,
    before: [],
    after: names.map((name) => `${name} (secret not shown)`),
    run: () => kept.keep(keys),
    async verify() {
      if (JSON.stringify(await kept.kept()) === JSON.stringify(keys)) return
      throw new TaskError(`${kept.shown} does not hold the keys of the backup`, {
        hint: 'run the same again',
      })
    },
  }
  return {
    name: 'keys',
    title: 'Encryption keys',
    waves: [{ changes: [change], parallel: 1 }],
    unchanged: [],
  }
}

function note({ manifest, title }: OpenedSet) {
  const { host, time, revision, keys, etcd } = manifest
  const message = `${title}: of ${host}, ${time}, revision ${revision}, ${keys} keys, etcd ${etcd}; what was changed in the cluster since then is lost`
  return { severity: 'note' as const, message }
}
