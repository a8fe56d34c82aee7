import { setTimeout as sleep } from 'node:timers/promises'
import type { Progress } from '../../cli/change.ts'
import { TaskError } from '../../cli/errors.ts'
import { ownPrograms } from '../../node/kubeadm/own-programs.ts'
import { encryptionFile } from '../../node/kubeadm/paths.ts'
import type { ClusterScene } from '../cluster.ts'
import { type EncryptionServer, readServer, type ServerState } from './server.ts'

/** The API servers of a cluster. A TaskError where one of them does not answer: it would come back with old keys. */
export function encryptionServers(
  scene: Pick<ClusterScene, 'config' | 'survey' | 'machine'>,
): EncryptionServer[] {
  const nodes = scene.config.cluster.nodes.filter(({ roles }) => roles.includes('control-plane'))
  const silent = nodes.filter(({ name }) => scene.survey.unreachable.has(name)).map(({ name }) => name)
  if (silent.length > 0)
    throw new TaskError(`${silent.join(' and ')} cannot be reached: every API server must get the new key`, {
      hint: 'bring it back first, or take it out of the cluster: tasks node:remove NAME',
    })
  const running = nodes.filter(({ name }) => scene.survey.states.get(name)?.isControlPlane)
  const without = running.find(({ name }) => !scene.survey.states.get(name)!.files[encryptionFile])
  if (without)
    throw new TaskError(`${without.name} has no ${encryptionFile}: its API server can be given no key`, {
      hint: 'start the API servers with that file first, Secrets stay as they are: tasks cluster:upgrade --settings',
    })
  return running.map((node) => ({
    name: node.name,
    machine: scene.machine(node),
    file: encryptionFile,
    programs: ownPrograms,
  }))
}

/** What all of them have and work with. */
export function readServers(servers: readonly EncryptionServer[]): Promise<ServerState[]> {
  return Promise.all(servers.map(readServer))
}

/** An API server looks at its file once a minute. */
const patienceSeconds = 240

/** Waits until each of these servers works with the file that it has, and that file is as it should be. */
export async function untilLoaded(
  servers: readonly EncryptionServer[],
  { isReached, progress }: { isReached(state: ServerState): boolean; progress: Progress },
): Promise<ServerState[]> {
  const until = performance.now() + patienceSeconds * 1000
  for (;;) {
    const asked = await Promise.all(servers.map((server) => readServer(server).catch(unanswered)))
    const states = asked.filter((one): one is ServerState => !(one instanceof TaskError))
    const behind = states.filter((state) => !isReached(state))
    if (behind.length > 0) throw movedOn(behind)
    const waiting = servers.filter((_, index) => !hasLoaded(asked[index]!)).map(({ name }) => name)
    if (waiting.length === 0) return states
    if (performance.now() > until) throw asked.find((one) => one instanceof TaskError) ?? notLoaded(waiting)
    progress.say(`waiting for the API server of ${waiting.join(', ')} to load its encryption configuration`)
    await sleep(1000, undefined, { signal: progress.signal })
  }
}

// One that is being started anew answers later.
function unanswered(error: unknown): TaskError {
  if (error instanceof TaskError) return error
  throw error
}

function hasLoaded(asked: ServerState | TaskError): boolean {
  return !(asked instanceof TaskError) && asked.sha256 === asked.loaded
}

function movedOn(states: ServerState[]): TaskError {
  const names = states.map(({ server }) => server.name).join(', ')
  return new TaskError(`the encryption configuration of ${names} is not what the step before left there`, {
    hint: 'plan again: tasks encryption:rotate',
  })
}

function notLoaded(names: string[]): TaskError {
  return new TaskError(
    `the API server of ${names.join(', ')} has not loaded its encryption configuration in ${patienceSeconds} s`,
    {
      hint: 'is it started with --encryption-provider-config-automatic-reload=true? Its log says more; then the same command again',
    },
  )
}
