import { TaskError } from '../../cli/errors.ts'
import { durationText } from '../../cli/terminal/clock.ts'
import type { Machine, Talk } from '../machine.ts'
import { runMark } from '../run-mark.ts'
import { lockScript } from './lock-script.ts'

export interface LockOptions {
  signal: AbortSignal
  /** Who holds it, told to others: "alice@laptop: tasks install". */
  holder: string
  /** Shorter times for tests, and another place. */
  staleSeconds?: number
  beatSeconds?: number
  path?: string
}

/** The lock of one machine, held by a script there that hears from us every few seconds. */
export interface HeldLock {
  machine: Machine
  /** Throws where it is lost, or where the machine may think so. */
  check(): void
  isLost(): boolean
  release(): Promise<void>
}

/** Takes the lock of a machine; a TaskError tells who has it. */
export async function lockMachine(machine: Machine, options: LockOptions): Promise<HeldLock> {
  const { staleSeconds = 30, beatSeconds = 10, path = '/run/metaltasks', holder, signal } = options
  const script = lockScript({ holder: oneLine(holder), staleSeconds, path, runMark })
  const beats = heartbeat()
  let hear: (line: string) => void = () => {}
  const answer = new Promise<string>((resolve) => {
    hear = resolve
  })
  if (!machine.talk) throw new Error(`${machine.name} cannot be locked`)
  const onLine = (line: string) => (line === 'ok' ? beats.answered() : hear(line))
  const talk = await machine.talk(script, { onLine, signal, title: 'lock' })
  const said = await Promise.race([answer, talk.ended.then(() => '')])
  if (said !== 'locked') throw await refusal(said, { machine, talk })
  beats.began()
  return hold(machine, { talk, beats, staleSeconds, beatSeconds })
}

function hold(
  machine: Machine,
  {
    talk,
    beats,
    staleSeconds,
    beatSeconds,
  }: { talk: Talk; beats: Heartbeat; staleSeconds: number; beatSeconds: number },
): HeldLock {
  let isOver = false
  talk.ended.then(() => {
    isOver = true
  })
  const timer = setInterval(() => {
    beats.sent()
    talk.say('beat')
  }, beatSeconds * 1000)
  timer.unref()
  const isLost = () => isOver || beats.ageSeconds() > staleSeconds
  const lost = () =>
    new TaskError(`${machine.label}: the lock was lost: nothing more is done there`, {
      hint: 'run the same command again: what is there is read anew',
    })
  return {
    machine,
    isLost,
    check() {
      if (isLost()) throw lost()
    },
    async release() {
      clearInterval(timer)
      await talk.end()
    },
  }
}

interface Heartbeat {
  /** The machine counts from here. */
  began(): void
  sent(): void
  answered(): void
  /** Since the last beat that was answered had been sent. */
  ageSeconds(): number
}

// The clock on the wall goes on while a laptop sleeps, the other one while somebody sets it: the later one counts.
function heartbeat(): Heartbeat {
  const now = () => ({ wall: Date.now(), steady: performance.now() })
  const waiting: ReturnType<typeof now>[] = []
  let last = now()
  return {
    began: () => {
      last = now()
    },
    sent: () => void waiting.push(now()),
    answered: () => {
      last = waiting.shift() ?? last
    },
    ageSeconds: () => {
      const { wall, steady } = now()
      return Math.max(wall - last.wall, steady - last.steady) / 1000
    },
  }
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

async function refusal(
  said: string,
  { machine, talk }: { machine: Machine; talk: Talk },
): Promise<TaskError> {
  const { exitCode, stderr } = await talk.end()
  const { name, label } = machine
  const [, age, beat, who] = /^held (-?\d+) (-?\d+) (.*)$/.exec(said) ?? []
  if (who !== undefined)
    return new TaskError(
      `${label}: locked for ${durationText(Number(age))} by ${who}, last heard of ${durationText(Number(beat))} ago`,
      { hint: 'wait for its end, or end it: a run that is gone lets go within 30 seconds' },
    )
  const [, pids] = /^busy ([\d ]+)$/.exec(said) ?? []
  if (pids)
    return new TaskError(`${label}: a command of another run is still at work there: process ${pids}`, {
      hint: `wait for its end; see what it does: ssh ${name} ps -f ${pids}`,
    })
  const words = stderr.trim()
  return new TaskError(`${label}: it cannot be locked${words && `: ${words}`} (exit code ${exitCode})`, {
    hint: `look whether /run can be written and flock is there: ssh ${name} flock --version`,
  })
}
