import { TaskError } from '../../../cli/errors.ts'
import { quote } from '../../../cli/process/quote.ts'
import type { Action, Answer, Planned, Resource } from '../../resource.ts'

export interface StoredKey {
  /** Folder of its node: "/masterlock/keys/kube1". */
  folder: string
  volume: string
  account: string
  /** The volume carries LUKS already: a key made now would not open it. */
  isInUse: boolean
}

const keyBytes = 64
const leastBytes = 32

/** The key of a volume: made on the key server where there is none, never overwritten, read by its node alone. */
export function storedKey(key: StoredKey): Resource {
  const file = fileOf(key)
  return {
    target: `key ${file}`,
    probe: [
      `stat -c '%F:%s:%U:%G:%a' ${quote(file)} || { [ ! -L ${quote(file)} ] && [ ! -e ${quote(file)} ] && echo none; }`,
      `setpriv --reuid ${key.account} --regid ${key.account} --init-groups test -r ${quote(file)} && echo readable`,
      'true',
    ].join('\n'),
    plan: (answer) => planKey(answer, key),
  }
}

function fileOf({ folder, volume }: StoredKey): string {
  return `${folder}/${volume}`
}

function planKey({ stdout }: Answer, key: StoredKey): Planned {
  const file = fileOf(key)
  const [state = '', readable] = stdout.trim().split('\n')
  if (state === 'none') return key.isInUse ? planLost(key) : { actions: [makeKey(key)] }
  const [kind = '', bytes, user, group, mode] = state.split(':')
  if (!kind.startsWith('regular'))
    throw new TaskError(`${file} is no file (${kind || 'it cannot be read'})`, {
      hint: `look at it: ls -la ${file}`,
    })
  const findings = Number(bytes) < leastBytes ? [shortKey(key, bytes!)] : []
  const open = (Number.parseInt(mode!, 8) & 0o7) !== 0
  if (readable === 'readable' && !open) return { actions: [], findings }
  const commands = [
    ...(readable === 'readable'
      ? []
      : letRead(file, { account: key.account, user: user!, group: group!, mode: mode! })),
    `chmod u=r,g=r,o= ${quote(file)}`,
  ]
  const title = `let only ${key.account} read the key ${file}, as it is`
  const before = [`${user}:${group} ${mode}`]
  const after = [`read by ${key.account}, its bytes as they are`]
  return { actions: [{ action: 'adopt', title, before, after, commands }], findings }
}

// Who reads it today by owner or group goes on reading it: machines that are not moved yet unlock the old way.
function letRead(
  file: string,
  { account, user, group, mode }: { account: string; user: string; group: string; mode: string },
): string[] {
  const isReadByGroup = group !== 'root' && (Number.parseInt(mode, 8) & 0o040) !== 0
  if (!isReadByGroup) return [`chgrp ${account} ${quote(file)}`]
  if (user === 'root') return [`chown ${account} ${quote(file)}`]
  throw new TaskError(`${file} is read by both ${user} and group ${group}, so ${account} cannot be added`, {
    hint: `let one of them go: chgrp root ${file}`,
  })
}

// A key gets its name when it is whole and on the disk; ln never replaces one that came meanwhile.
function makeKey(key: StoredKey): Action {
  const making = `.${key.volume}.making`
  const commands = [
    `cd ${quote(key.folder)}`,
    `rm -f ${quote(making)}`,
    `(umask 077; head -c ${keyBytes} /dev/urandom >${quote(making)})`,
    `[ "$(wc -c <${quote(making)})" -eq ${keyBytes} ]`,
    `chown root:${key.account} ${quote(making)}`,
    `chmod 0440 ${quote(making)}`,
    `sync ${quote(making)}`,
    `ln ${quote(making)} ${quote(key.volume)}`,
    `rm ${quote(making)}`,
    'sync .',
  ]
  const title = `make the key ${fileOf(key)}`
  return {
    action: 'create',
    title,
    after: [`${keyBytes} random bytes, read by ${key.account} alone`],
    commands,
  }
}

function planLost(key: StoredKey): Planned {
  throw new TaskError(
    `${fileOf(key)} is missing, and the volume is formatted already: a new key would not open it`,
    { hint: 'put the key back from a copy; keyServer.path in cluster.yaml may also be another folder' },
  )
}

function shortKey(key: StoredKey, bytes: string) {
  return {
    severity: 'error' as const,
    message: `the key ${fileOf(key)} has only ${bytes} bytes, at least ${leastBytes} are needed; it is kept as it is`,
    hint: `where it opens nothing, remove it: rm ${fileOf(key)}`,
  }
}
