import { setMaxListeners } from 'node:events'
import type { ScriptOptions } from '../machine.ts'
import { frameScript, newMark, startedGroup } from './frame.ts'
import { type Session, sessionWords } from './session.ts'

/** Why a script was ended by us. */
export type Stop = 'time' | 'signal'

/** Ends a script on its machine, not only here: a client that goes away would leave it running. */
export interface Stopper {
  /** Hears what the script writes, to learn where it is. */
  hear(text: string): void
  /** Settles when it did not help: the script may go on there. */
  gaveUp: Promise<void>
  reason(): Stop | undefined
  /** When the script was first heard of. */
  beganAt(): number | undefined
  done(): void
}

const beginningLength = 65_536

/** Seconds that a script which is to end may take to begin: it was sent already. */
const patienceSeconds = 10

/** Watches over one script: its time limit and its signal. */
export function stopper(
  session: Session,
  { mark, signal, timeoutSeconds }: ScriptOptions & { mark: string },
): Stopper {
  let giveUp = () => {}
  const gaveUp = new Promise<void>((resolve) => {
    giveUp = resolve
  })
  const timers: NodeJS.Timeout[] = []
  let heard = ''
  let reason: Stop | undefined
  let isEnding = false
  let beganAt: number | undefined
  const end = () => {
    const group = startedGroup(heard, mark)
    if (!reason || isEnding || group === undefined) return
    isEnding = true
    endGroup(group, session).finally(() => timers.push(setTimeout(giveUp, 1000)))
  }
  const stop = (why: Stop) => {
    reason ??= why
    timers.push(setTimeout(() => isEnding || giveUp(), patienceSeconds * 1000))
    end()
  }
  if (timeoutSeconds) timers.push(setTimeout(() => stop('time'), timeoutSeconds * 1000))
  const onAbort = () => stop('signal')
  // One signal may end many scripts.
  if (signal) setMaxListeners(0, signal)
  signal?.addEventListener('abort', onAbort, { once: true })
  return {
    gaveUp,
    reason: () => reason,
    beganAt: () => beganAt,
    hear: (text) => {
      beganAt ??= Date.now()
      if (heard.length < beginningLength) heard += text
      end()
    },
    done: () => {
      for (const timer of timers) clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    },
  }
}

// A session beside the eight: SIGTERM, five seconds to clean up, SIGKILL. The answer then comes by the script's own session.
async function endGroup(group: number, session: Session): Promise<void> {
  const script = [
    `kill -TERM -${group}`,
    `for i in 1 2 3 4 5 6 7 8 9 10; do kill -0 -${group} 2>/dev/null || exit 0; sleep 0.5; done`,
    `kill -KILL -${group}`,
  ].join('\n')
  const { command, head } = frameScript(script, { mark: newMark(), password: session.password })
  await session.client.run(sessionWords(session, command), { input: head, timeoutSeconds: 15 })
}
