import type { ScriptOptions } from '../machine.ts'
import { frameScript, newMark, startedGroup } from './frame.ts'
import { type Session, sessionWords } from './session.ts'

/** Why a script was ended by us. */
export type Stop = 'time' | 'signal'

/** Ends a script on its machine, not only here: a client that goes away would leave it running. */
export interface Stopper {
  /** Hears what the script writes, to learn where it is. */
  hear(text: string): void
  /** Ends the client, when ending the script there did not help. */
  local: AbortSignal
  reason(): Stop | undefined
  done(): void
}

const beginningLength = 65_536

/** Watches over one script: its time limit and its signal. */
export function stopper(
  session: Session,
  { mark, signal, timeoutSeconds }: ScriptOptions & { mark: string },
): Stopper {
  const local = new AbortController()
  let heard = ''
  let reason: Stop | undefined
  const stop = (why: Stop) => {
    if (reason) return
    reason = why
    const group = startedGroup(heard, mark)
    if (group === undefined) return local.abort()
    endGroup(group, session).finally(() => local.abort())
  }
  const timer = timeoutSeconds && setTimeout(() => stop('time'), timeoutSeconds * 1000)
  const onAbort = () => stop('signal')
  signal?.addEventListener('abort', onAbort, { once: true })
  return {
    local: local.signal,
    reason: () => reason,
    hear: (text) => {
      if (heard.length < beginningLength) heard += text
    },
    done: () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    },
  }
}

// A session beside the eight: SIGTERM, five seconds to clean up, SIGKILL. The answer then comes by the script's own session.
async function endGroup(group: number, session: Session): Promise<void> {
  const script = [
    `kill -TERM -- -${group}`,
    `for i in 1 2 3 4 5 6 7 8 9 10; do kill -0 -- -${group} 2>/dev/null || exit 0; sleep 0.5; done`,
    `kill -KILL -- -${group}`,
  ].join('\n')
  const { command, head } = frameScript(script, { mark: newMark(), password: session.password })
  await session.client.run(sessionWords(session, command), { input: head, timeoutSeconds: 15 })
}
