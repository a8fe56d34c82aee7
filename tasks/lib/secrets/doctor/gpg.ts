import { accessSync, constants } from 'node:fs'
import { TaskError } from '../../cli/errors.ts'
import { installHint } from '../../cli/process/install-hints.ts'
import { run } from '../../cli/process/shell.ts'
import type { KeyPlaces } from '../keys/key-source.ts'
import { type Check, good, missing, warning } from './check.ts'

/** gpg with its agent and pinentry. `needed`: some file is for a PGP key. */
export async function gpgChecks(
  { environment, home }: KeyPlaces,
  { needed, terminal }: { needed: boolean; terminal: boolean },
): Promise<Check[]> {
  if (!needed) return [good('gpg', 'not needed: no file is for a PGP key')]
  const { SOPS_GPG_EXEC: program = 'gpg', GNUPGHOME, GPG_TTY } = environment
  const ask = asker({ GNUPGHOME, HOME: home, GPG_TTY })
  const version = /\d+\.\d+\.\d+/.exec((await ask([program, '--version'])) ?? '')?.[0]
  if (!version)
    return [warning('gpg', `${program} does not run: only keys in files can be used`, installHint('gpg'))]
  return [
    versionCheck(version),
    ...(await componentChecks(ask)),
    ...(terminal ? [terminalCheck(GPG_TTY)] : []),
  ]
}

type Ask = (argv: string[]) => Promise<string | undefined>

// undefined for a program that is not there or fails: what it said is of no use to anybody.
function asker(env: Record<string, string | undefined>): Ask {
  return async (argv) => {
    try {
      const { stdout, exitCode } = await run(argv, { env, allowFailure: true, timeoutSeconds: 20 })
      return exitCode === 0 ? stdout : undefined
    } catch (error) {
      if (error instanceof TaskError) return undefined
      throw error
    }
  }
}

/** gpg, by its version: up to 2.2.20 it gives nothing for what newer ones encrypt with AEAD, and no error. */
export function versionCheck(version: string): Check {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number)
  const isOld = major < 2 || (major === 2 && (minor < 2 || (minor === 2 && patch <= 20)))
  if (!isOld) return good('gpg', version)
  return warning('gpg', `${version} cannot read what newer versions encrypt (AEAD)`, installHint('gpg'))
}

async function componentChecks(ask: Ask): Promise<Check[]> {
  const listed = (await ask(['gpgconf', '--list-components'])) ?? ''
  const path = (name: string) =>
    decodeURIComponent(new RegExp(`^${name}:[^:]*:([^:\\n]*)`, 'm').exec(listed)?.[1] ?? '')
  const [agent, pinentry] = [path('gpg-agent'), path('pinentry')]
  const runs = (await ask(['gpg-connect-agent', '--no-autostart', '/bye'])) !== undefined
  return [
    isProgram(agent)
      ? good('gpg-agent', runs ? 'runs' : 'starts when gpg needs it')
      : missing('gpg-agent', 'is not there: no secret key of gpg can be used', installHint('gpg-agent')),
    isProgram(pinentry)
      ? good('pinentry', pinentry)
      : warning('pinentry', 'is not there: gpg cannot ask for a passphrase', installHint('pinentry-curses')),
  ]
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return path !== ''
  } catch {
    return false
  }
}

function terminalCheck(variable: string | undefined): Check {
  if (variable) return good('GPG_TTY', variable)
  const detail = 'is not set: tasks sets it for gpg, sops itself does not'
  return warning('GPG_TTY', detail, 'export GPG_TTY=$(tty), in the profile of your shell')
}
