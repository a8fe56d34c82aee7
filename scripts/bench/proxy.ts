import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A way to the API server that takes longer, and knows how long it was in use. */
export interface SlowWay {
  port: number
  /** Seconds from the first connection to the last byte since the question before. */
  secondsInUse(): Promise<number>
  close(): void
}

/** Opens one to a port of loopback; the delay is that of a round trip. */
export async function openProxy(target: number, roundTripMilliseconds: number): Promise<SlowWay> {
  const program = fileURLToPath(new URL('proxy-program.ts', import.meta.url))
  const child = fork(program, [String(target), String(roundTripMilliseconds / 2)])
  const [{ port }] = await once(child, 'message')
  return {
    port,
    async secondsInUse() {
      child.send('seconds')
      const [{ seconds }] = await once(child, 'message')
      return seconds
    },
    close: () => child.disconnect(),
  }
}
