import { TaskError } from '../../../cli/errors.ts'
import type { Answer } from '../../resource.ts'

/** What one program of a probe said. */
export interface Said {
  code: number
  text: string
  /** Its last words on stderr. */
  complaint: string
}

/**
 * Shell that runs a program and prints a line of its name, its exit code and its output in base64: whatever the
 * output is, it is taken for nothing else. On stderr the name goes before its complaints.
 */
export const askFunction = [
  'ask() {',
  '  name=$1; shift',
  `  printf '\\n--- %s\\n' "$name" >&2`,
  '  said=$("$@"); code=$?',
  `  printf '%s %s %s\\n' "$name" "$code" "$(printf %s "$said" | base64 -w 0)"`,
  '}',
].join('\n')

/** The last line of a probe: without it the answer was cut off. */
export const lastAnswer = 'ask whole true'

/** What each program of a probe said, by the names given to ask. A TaskError where the answer is not whole. */
export function readAnswers({ stdout, stderr }: Answer): Map<string, Said> {
  const answers = new Map<string, Said>()
  for (const line of stdout.split('\n').filter((text) => text !== '')) {
    const [, name, code, base64] = /^([a-z-]+) (\d+) ([A-Za-z0-9+/=]*)$/.exec(line) ?? []
    if (name === undefined || answers.has(name)) throw unreadable(`it answered ${JSON.stringify(line)}`)
    const text = Buffer.from(base64!, 'base64').toString('utf8')
    answers.set(name, { code: Number(code), text, complaint: complaintOf(stderr, name) })
  }
  if ([...answers.keys()].at(-1) !== 'whole') throw unreadable('the answer was cut off')
  return answers
}

/** What a program said that had to end with one of these codes. */
export function answerOf(answers: Map<string, Said>, name: string, codes: readonly number[] = [0]): Said {
  const said = answers.get(name)
  if (!said) throw unreadable(`nothing was said of ${name}`)
  if (codes.includes(said.code)) return said
  throw unreadable(`${name} ended with ${said.code}${said.complaint && `: ${said.complaint}`}`)
}

/** The state of a volume that nothing must be done to, for nobody knows what is there. */
export function unreadable(reason: string): TaskError {
  return new TaskError(`its state cannot be read: ${reason}`, {
    hint: 'look at the machine; nothing is done to the volume',
  })
}

function complaintOf(stderr: string, name: string): string {
  const [, after = ''] = stderr.split(`\n--- ${name}\n`)
  return after.split('\n--- ')[0]!.trim().split('\n').slice(-3).join('; ')
}
