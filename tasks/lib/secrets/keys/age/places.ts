import { join } from 'node:path'
import type { KeyPlaces } from '../key-source.ts'

/** Where identities may be: what it is called in errors, and how to get at it. */
export type IdentityPlace = { name: string; holds: 'identities' | 'ssh key' } & (
  | { variable: string }
  | { path: string; optional: boolean }
  | { command: string }
  | { unset: true }
)

type Platform = NodeJS.Platform

/** All places where sops looks for age identities. Source: sops, age/keysource.go. */
export function identityPlaces(
  places: KeyPlaces,
  { platform = process.platform }: { platform?: Platform } = {},
): IdentityPlace[] {
  const { environment } = places
  const named = (name: string, holds: IdentityPlace['holds']) => variablePlace(name, { environment, holds })
  return [
    named('SOPS_AGE_SSH_PRIVATE_KEY_FILE', 'ssh key'),
    named('SOPS_AGE_SSH_PRIVATE_KEY_CMD', 'ssh key'),
    ...sshFiles(places),
    named('SOPS_AGE_KEY', 'identities'),
    named('SOPS_AGE_KEY_FILE', 'identities'),
    named('SOPS_AGE_KEY_CMD', 'identities'),
    ...filePlace(keysFile(places, { platform }), 'identities'),
  ]
}

function variablePlace(
  name: string,
  { environment, holds }: { environment: KeyPlaces['environment']; holds: IdentityPlace['holds'] },
): IdentityPlace {
  const value = environment[name]
  if (value === undefined) return { name, holds, unset: true }
  if (name.endsWith('_CMD')) return { name, holds, command: value }
  if (name.endsWith('_FILE')) return { name: `${name} (${value})`, holds, path: value, optional: false }
  return { name, holds, variable: value }
}

function sshFiles({ home }: KeyPlaces): IdentityPlace[] {
  if (!home) return []
  return ['id_ed25519', 'id_rsa'].flatMap((name) => filePlace(join(home, '.ssh', name), 'ssh key'))
}

function filePlace(path: string | undefined, holds: IdentityPlace['holds']): IdentityPlace[] {
  return path ? [{ name: path, holds, path, optional: true }] : []
}

/** The operator's own keys.txt, where sops looks for it; undefined without a home folder. */
export function keysFile(
  { environment, home }: Pick<KeyPlaces, 'environment' | 'home'>,
  { platform = process.platform }: { platform?: Platform } = {},
): string | undefined {
  const folder = userConfig({ environment, home, platform })
  return folder && join(folder, 'sops', 'age', 'keys.txt')
}

// Go's os.UserConfigDir; sops has $XDG_CONFIG_HOME on macOS too.
function userConfig({
  environment,
  home,
  platform,
}: Pick<KeyPlaces, 'environment' | 'home'> & { platform: Platform }): string | undefined {
  if (platform === 'win32') return environment.AppData ?? environment.APPDATA
  if (environment.XDG_CONFIG_HOME) return environment.XDG_CONFIG_HOME
  return home && join(home, ...(platform === 'darwin' ? ['Library', 'Application Support'] : ['.config']))
}
