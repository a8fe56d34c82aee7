import { quote } from '../../cli/process/quote.ts'
import type { ScriptResult } from '../machine.ts'
import type { Answer } from '../resource.ts'

/** What scripts on machines begin with: programs say the same everywhere, and those for root are found. */
export const sameEverywhere =
  'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C; export PATH LC_ALL; umask 022'

/**
 * One script for all probes. Each runs in a subshell of its own, its output between lines that begin with `mark`: a
 * random word that nothing on the machine can know, so that no output is taken for a frame.
 */
export function probeScript(probes: readonly string[], mark: string): string {
  const framed = probes.flatMap((probe, index) => [
    both(`${mark} ${index} begin`),
    `( eval ${quote(probe)} ) </dev/null`,
    both(`${mark} ${index} end`, '"$?"'),
  ])
  return `set +eu; ${sameEverywhere}\n${[...framed, both(`${mark} whole`)].join('\n')}\n`
}

// To stdout and stderr; the word after it, an exit code, is read before anything else runs.
function both(words: string, code?: string): string {
  return code === undefined
    ? `printf '\\n%s\\n' '${words}'; printf '\\n%s\\n' '${words}' >&2`
    : `set -- ${code}; printf '\\n%s %s\\n' '${words}' "$1"; printf '\\n%s %s\\n' '${words}' "$1" >&2`
}

/** What each probe answered; undefined where anything of it is missing, as of a connection that ended too early. */
export function readAnswers(
  { stdout, stderr }: Pick<ScriptResult, 'stdout' | 'stderr'>,
  { mark, count }: { mark: string; count: number },
): Answer[] | undefined {
  const out = readFrames(stdout, { mark, count })
  const err = readFrames(stderr, { mark, count })
  if (!out || !err) return undefined
  return out.map(({ text, code }, index) => ({ stdout: text, stderr: err[index]!.text, exitCode: code }))
}

interface Frame {
  text: string
  code: number
}

function readFrames(text: string, { mark, count }: { mark: string; count: number }): Frame[] | undefined {
  const frames: Frame[] = []
  let from = 0
  for (let index = 0; index < count; index++) {
    const begin = `\n${mark} ${index} begin\n`
    const start = text.indexOf(begin, from)
    const end = text.indexOf(`\n${mark} ${index} end `, start)
    if (start < 0 || end < 0) return undefined
    const code = /^\n\S+ \d+ end (\d+)\n/.exec(text.slice(end, end + mark.length + 40))
    if (!code) return undefined
    frames.push({ text: text.slice(start + begin.length, end), code: Number(code[1]) })
    from = end + code[0].length - 1
  }
  return text.includes(`\n${mark} whole\n`, from) ? frames : undefined
}
