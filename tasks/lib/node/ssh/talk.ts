import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { announceCommand } from '../../cli/process/command-log.ts'
import { processGroup } from '../../cli/process/process-group.ts'
import type { Talk, TalkOptions } from '../machine.ts'
import { frameScript, newMark, unframe } from './frame.ts'
import { scriptTitle } from './run-script.ts'
import { type Attempt, type Session, sessionWords, withSession } from './session.ts'

interface Begun extends Attempt {
  talk?: Talk
}

/** Starts a script that stays, as Machine.talk tells. */
export async function startTalk(
  script: string,
  { session, options }: { session: Session; options: TalkOptions },
): Promise<Talk> {
  announceCommand(`${session.connection.host.label}: ${scriptTitle(script, options.title)}`)
  const attempt = () => begin(script, { session, options })
  const { talk } = await withSession<Begun>(session, {
    signal: options.signal,
    title: options.title,
    attempt,
  })
  return talk!
}

async function begin(
  script: string,
  { session, options }: { session: Session; options: TalkOptions },
): Promise<Begun> {
  const { client, password } = session
  const mark = newMark()
  const { command, head } = frameScript(script, { mark, password })
  const [program, ...words] = await client.argv(sessionWords(session, command))
  const child = spawn(program!, words, { env: client.environment, detached: true })
  child.stdin.on('error', () => {})
  child.stdin.write(head)
  const { begun, ended } = hear(child, { mark, onLine: options.onLine })
  const started = await Promise.race([begun.then(() => true), ended.then(() => false)])
  if (!started) return ended
  const talk: Talk = {
    say: (line) => void child.stdin.write(`${line}\n`),
    ended: ended.then(({ exitCode, stderr }) => ({ exitCode: exitCode ?? undefined, stderr })),
    end: () => {
      child.stdin.end()
      return talk.ended
    },
  }
  return { started, exitCode: null, stderr: '', talk }
}

// Lines before the beginning are a login shell's; the last one tells how it ended.
function hear(
  child: ChildProcessWithoutNullStreams,
  { mark, onLine }: { mark: string; onLine(line: string): void },
): { begun: Promise<void>; ended: Promise<Begun> } {
  const group = processGroup(child, 5000)
  let stderr = ''
  let began = false
  let exitCode: number | undefined
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr = `${stderr}${text}`.slice(-65_536)
  })
  const begun = new Promise<void>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (!began && line.includes(`${mark} begins `)) {
        began = true
        resolve()
      } else if (line.startsWith(`${mark} ended `)) exitCode = Number(line.split(' ')[2])
      else if (began) onLine(line)
    })
  })
  const ended = new Promise<Begun>((resolve) => {
    const end = (code: number | null) => {
      group.ended()
      const { stderr: words } = unframe({ stdout: '', stderr }, mark)
      resolve({ started: began, exitCode: began ? (exitCode ?? null) : code, stderr: words })
    }
    child.on('error', () => end(null))
    child.on('close', end)
  })
  return { begun, ended }
}
