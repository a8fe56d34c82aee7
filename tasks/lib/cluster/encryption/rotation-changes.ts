import type { Change } from '../../cli/change.ts'
import { TaskError } from '../../cli/errors.ts'
import type { EncryptionKey } from '../../kubernetes/api-server/encryption.ts'
import { rewriteSecrets } from './rewrite.ts'
import {
  expectRewritten,
  keptKey,
  type PlannedRotation,
  type RotationScene,
  reached,
} from './rotation-scene.ts'
import { prefixOf, type RotationPhase } from './rotation-state.ts'
import { serverChanges } from './server-changes.ts'
import { untilLoaded } from './servers.ts'

/**
 * The changes of one phase. Each proves, when it runs, that the phases before it hold on every API server, so that it
 * does not matter what a run before has left, and waits for what the servers have not loaded yet.
 */
export function phaseChanges(phase: RotationPhase, rotation: PlannedRotation): Change[] {
  if (phase === 'keep') return [keepChange(rotation)]
  if (phase === 'forget') return [forgetChange(rotation)]
  if (phase === 'rewrite') return [rewriteChange(rotation)]
  return serverChanges(phase, rotation)
}

function keepChange({ keys, states, target, made }: PlannedRotation): Change {
  const present = states.flatMap((state) => state.keys).filter(({ provider }) => provider === 'secretbox')
  return {
    ...change('create', `make key ${target} in ${keys.shown}, before any API server has it`),
    target: `${keys.shown}: ${target}`,
    async run() {
      await keys.keep(unique([made, ...present, ...((await keys.kept()) ?? [])], keys))
    },
    verify: () => keptKey({ keys, target }).then(() => {}),
  }
}

function forgetChange(rotation: PlannedRotation): Change {
  const { keys, target, servers } = rotation
  return {
    ...change('delete', `take all keys but ${target} out of ${keys.shown}`),
    target: keys.shown,
    async run(progress) {
      await untilLoaded(servers, { isReached: reached('drop', target), progress })
      await keys.keep([await keptKey(rotation)])
    },
    async verify() {
      if ((await keys.kept())?.length !== 1)
        throw new TaskError(`${keys.shown} holds more than one key`, { hint: 'tasks encryption:rotate' })
    },
  }
}

function rewriteChange(rotation: PlannedRotation): Change {
  const { servers, target, secrets } = rotation
  const prefix = prefixOf(target)
  return {
    ...change(
      'update',
      `write each of ${secrets} Secrets again, and see in etcd that it begins with ${prefix}`,
    ),
    target: 'Secrets in etcd',
    async run(progress) {
      await untilLoaded(servers, { isReached: reached('write', target), progress })
      await rewriteSecrets(servers[0]!, { client: await rotation.client(), prefix, progress })
    },
    verify: () => expectRewritten(rotation),
  }
}

function unique(keys: EncryptionKey[], { shown }: Pick<RotationScene['keys'], 'shown'>): EncryptionKey[] {
  const byName = new Map<string, EncryptionKey>()
  for (const { name, secret } of keys) {
    if ((byName.get(name)?.secret ?? secret) !== secret)
      throw new TaskError(`${shown} has another key named ${name} than the API servers`, {
        hint: 'an earlier state of it may be the right one: git log -- secrets/cluster',
      })
    byName.set(name, { name, secret })
  }
  return [...byName.values()]
}

function change(action: Change['action'], title: string) {
  return { action, title, before: [], after: [] }
}
