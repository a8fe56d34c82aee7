import { environment } from '../../config/environment.ts'

/** What every program may know: where things are and how to write. Nothing here is a secret. */
const passedOn = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'LANG',
  'LC_ALL',
  'LC_CTYPE',
  'TZ',
  'TMPDIR',
  'XDG_CACHE_HOME',
  'XDG_CONFIG_HOME',
  'XDG_RUNTIME_DIR',
  'XDG_STATE_HOME',
]

/** The environment of a child process: a short list of ours, and what is asked for; undefined takes one away. */
export function childEnvironment(asked: Record<string, string | undefined> = {}): Record<string, string> {
  const ours = environment()
  const wanted = { ...Object.fromEntries(passedOn.map((name) => [name, ours[name]])), ...asked }
  return Object.fromEntries(
    Object.entries(wanted).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
