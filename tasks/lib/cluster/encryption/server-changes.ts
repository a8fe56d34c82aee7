import type { Change, Progress } from '../../cli/change.ts'
import type { EncryptionKey } from '../../kubernetes/api-server/encryption.ts'
import type { ProviderKey } from '../../kubernetes/api-server/encryption-file.ts'
import { exchangeCommands, exchangeFile } from './exchange-file.ts'
import { expectRewritten, keptKey, type PlannedRotation, reached } from './rotation-scene.ts'
import { hasReached, readsAll, type ServerPhase, withReaders, withWriter } from './rotation-state.ts'
import type { EncryptionServer, ServerState } from './server.ts'
import { untilLoaded } from './servers.ts'
import { expectNoOthers } from './unknown-servers.ts'

/** The changes of one phase on the machines of all API servers. */
export function serverChanges(phase: ServerPhase, rotation: PlannedRotation): Change[] {
  const ready = once((progress) => expectBefore(phase, { rotation, progress }))
  return rotation.states
    .filter(({ keys }) => isDue(keys, { phase, rotation }))
    .map((state) => serverChange(state, { phase, rotation, ready }))
}

function isDue(keys: ProviderKey[], { phase, rotation }: { phase: ServerPhase; rotation: PlannedRotation }) {
  const { target, states } = rotation
  return phase === 'read'
    ? !readsAll(keys, { servers: states, target })
    : !hasReached(keys, { phase, target })
}

const words: Record<ServerPhase, (server: string, target: string) => string> = {
  read: (server, target) => `${server}: read with ${target} too, after the keys that it has`,
  write: (server, target) => `${server}: write with ${target}`,
  drop: (server, target) => `${server}: keep ${target} alone`,
}

/** What all API servers have, once it is proven that this phase may begin. */
type Ready = (progress: Progress) => Promise<ServerState[]>

interface Planned {
  phase: ServerPhase
  rotation: PlannedRotation
  ready: Ready
}

function serverChange({ server, sha256 }: ServerState, { phase, rotation, ready }: Planned): Change {
  const { machine, file } = server
  const { target } = rotation
  return {
    action: 'update',
    title: words[phase](machine.label, target),
    ...{ before: [], after: [] },
    target: `${machine.label}: ${file}, ${phase}`,
    commands: exchangeCommands(file),
    lane: machine.name,
    basis: sha256,
    async run(progress) {
      const states = await ready(progress)
      await takePhase(server, { phase, key: await keptKey(rotation), states })
    },
    async verify(progress) {
      await untilLoaded([server], { isReached: reached(phase, target), progress })
    },
  }
}

// Asked once for all servers of a phase, which change side by side: the first that has changed must not stop the others.
function once(ask: Ready): Ready {
  let answer: Promise<ServerState[]> | undefined
  return (progress) => {
    answer ??= ask(progress)
    return answer
  }
}

async function expectBefore(
  phase: ServerPhase,
  { rotation, progress }: { rotation: PlannedRotation; progress: Progress },
): Promise<ServerState[]> {
  const { servers, target } = rotation
  if (phase === 'read') return untilLoaded(servers, { isReached: () => true, progress })
  const before = phase === 'write' ? 'read' : 'write'
  const states = await untilLoaded(servers, { isReached: reached(before, target), progress })
  await expectNoOthers(await rotation.client(), { states, now: rotation.now() })
  if (phase === 'drop') await expectRewritten(rotation)
  return states
}

async function takePhase(
  server: EncryptionServer,
  { phase, key, states }: { phase: ServerPhase; key: EncryptionKey; states: readonly ServerState[] },
): Promise<void> {
  const own = states.find((state) => state.server === server)!
  const others = states.flatMap(({ keys }) => keys)
  const wanted = {
    read: () => withReaders(own.keys, others, key),
    write: () => withWriter(own.keys, key),
    drop: () => withWriter([], key),
  }[phase]()
  await exchangeFile(own, wanted)
}
