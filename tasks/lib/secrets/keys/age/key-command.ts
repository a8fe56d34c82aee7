import { run } from '../../../cli/process/shell.ts'
import type { KeyPlaces } from '../key-source.ts'

/** What a command such as SOPS_AGE_KEY_CMD prints. It is told the recipient in SOPS_AGE_RECIPIENT. */
export async function outputOf(
  command: string,
  { recipient, places }: { recipient: string; places: KeyPlaces },
): Promise<Buffer> {
  const env = { ...places.environment, SOPS_AGE_KEY: undefined, SOPS_AGE_RECIPIENT: recipient }
  const { stdout } = await run(splitWords(command), { env, signal: places.signal })
  return Buffer.from(stdout)
}

/** The words of a command as google/shlex splits them: quotes, backslashes, and comments that begin with #. */
export function splitWords(command: string): string[] {
  const pattern = /#[^\n]*|(?:"(?:\\[\s\S]|[^"\\])*"|'[^']*'|\\[\s\S]|[^\s"'\\])+|["'\\]/g
  return [...command.matchAll(pattern)].flatMap(([word]) => {
    if (word.startsWith('#')) return []
    if (/^["'\\]$/.test(word)) throw new Error(`a ${word} is not closed in the command`)
    return [unquoted(word)]
  })
}

// In double quotes a backslash takes the next character as it is; in single quotes it stands for itself.
function unquoted(word: string): string {
  return word.replace(
    /"((?:\\[\s\S]|[^"\\])*)"|'([^']*)'|\\([\s\S])/g,
    (_, double?: string, single?: string, escaped?: string) =>
      double?.replace(/\\([\s\S])/g, '$1') ?? single ?? escaped ?? '',
  )
}
