import type { Plan, Step } from '../../cli/change.ts'
import { type Finding, TaskError } from '../../cli/errors.ts'
import { newKey } from '../material.ts'
import { phaseChanges } from './rotation-changes.ts'
import type { RotationScene } from './rotation-scene.ts'
import { duePhases, type RotationPhase, targetName } from './rotation-state.ts'
import { readServers } from './servers.ts'
import { scanSecrets } from './stored-secrets.ts'

const titles: Record<RotationPhase, string> = {
  keep: 'Keep a new key',
  read: 'Let every API server read with the new key',
  write: 'Let every API server write with the new key',
  rewrite: 'Write every Secret with the new key',
  drop: 'Take the old key off the API servers',
  forget: 'Take the old key out of its secret file',
}

/** Gives a cluster a new key for its Secrets in etcd, or goes on with what was begun. Reading only. */
export async function planKeyRotation(scene: RotationScene): Promise<Pick<Plan, 'steps' | 'findings'>> {
  const { servers, keys } = scene
  if (servers.length === 0)
    throw new TaskError('no control plane of the configuration is there', { hint: 'tasks install' })
  const [states, kept, stored] = await Promise.all([
    readServers(servers),
    keys.kept(),
    scanSecrets(servers[0]!),
  ])
  const prefixes = [...new Set(stored.map(({ prefix }) => prefix))]
  const facts = { servers: states.map(({ server, keys }) => ({ name: server.name, keys })), kept, prefixes }
  const made = newKey(scene.now())
  const target = targetName(facts, made.name)
  const planned = { ...scene, target: target.name, made, states, secrets: stored.length }
  const steps = duePhases(facts, target.name).map((phase): Step => {
    const changes = phaseChanges(phase, planned)
    return {
      name: phase,
      title: titles[phase],
      waves: [{ changes, parallel: servers.length }],
      unchanged: [],
    }
  })
  return { steps, findings: target.isNew ? [] : [goesOn(target.name)] }
}

function goesOn(target: string): Finding {
  return {
    severity: 'note',
    message: `goes on with key ${target}, which a run before began with`,
    hint: 'for one more new key, run the same command again afterwards',
  }
}
