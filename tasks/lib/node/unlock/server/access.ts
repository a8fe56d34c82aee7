import { posix } from 'node:path'
import { TaskError } from '../../../cli/errors.ts'
import { quote } from '../../../cli/process/quote.ts'
import type { Answer, Planned, Resource } from '../../resource.ts'
import { accountGroup } from '../names.ts'
import { dropInFile, dropInText } from './sshd-drop-in.ts'

const next = `${dropInFile}.next`
const former = `${dropInFile}.former`
/** There from before a change until sshd has read it: a run that was cut short is seen. */
const pending = `${dropInFile}.pending`

/**
 * What sshd lets the group do. A text that sshd does not take never gets its place: it is tried with the whole
 * configuration first, and once more in its place, where the former one comes back if sshd does not like it there.
 */
export function sftpAccess(): Resource {
  return {
    target: `file ${dropInFile}`,
    probe: `[ ! -e ${pending} ] || echo pending; echo text; cat ${dropInFile} 2>/dev/null; true`,
    plan: planAccess,
  }
}

function planAccess({ stdout }: Answer): Planned {
  const [head = '', ...rest] = stdout.split(/^text\n/m)
  const text = rest.join('text\n')
  if (text === dropInText() && !head.includes('pending')) return { actions: [] }
  const action = text === '' ? 'create' : 'update'
  const commands = [
    `getent group ${accountGroup} >/dev/null || groupadd --system ${accountGroup}`,
    `install -d -m 0755 ${posix.dirname(dropInFile)} /run/sshd`,
    `cat >${next}`,
    `test "$(wc -c <${next})" -eq ${Buffer.byteLength(dropInText())}`,
    `{ cat /etc/ssh/sshd_config; echo; cat ${next}; } >/run/sshd/volume-keys.test`,
    'sshd -t -f /run/sshd/volume-keys.test',
    `touch ${pending}`,
    `[ ! -e ${dropInFile} ] || [ -e ${former} ] || cp -p ${dropInFile} ${former}`,
    `mv ${next} ${dropInFile}`,
    `sshd -t || { if [ -e ${former} ]; then mv ${former} ${dropInFile}; else rm ${dropInFile}; fi; rm -f ${pending}; exit 1; }`,
    'systemctl try-reload-or-restart ssh.service 2>/dev/null || systemctl try-reload-or-restart sshd.service',
    `rm -f ${former} ${pending} /run/sshd/volume-keys.test`,
  ]
  const title = `let nodes read their own keys by SFTP, and do nothing else, in ${dropInFile}`
  const before = text.split('\n').slice(0, -1)
  const after = dropInText().split('\n').slice(0, -1)
  return { actions: [{ action, title, before, after, commands, input: dropInText }] }
}

/**
 * The folders of the keys: root's, and nobody else may write to them, as sshd wants of a chroot; passed through, not
 * listed. A folder of an earlier toolkit keeps what it has beyond that.
 */
export function keyFolders(path: string, folders: readonly string[]): Resource {
  const outer = parents(path)
  const inner = [path, `${path}/keys`, ...folders]
  return {
    target: `folders below ${path}`,
    probe: [...outer, ...inner]
      .map((folder) => `stat -c '%F:%U:%a' ${quote(folder)} || echo none`)
      .join('\n'),
    plan: ({ stdout }) => {
      const states = stdout.trim().split('\n')
      if (states.length !== outer.length + inner.length) throw new TaskError('the folders cannot be read')
      for (const [index, folder] of outer.entries()) refuseOuter(folder, states[index]!)
      return planFolders(inner, states.slice(outer.length))
    },
  }
}

function parents(path: string): string[] {
  const parent = posix.dirname(path)
  return parent === path ? [] : [...parents(parent), parent]
}

function isFit(state: string): boolean {
  const [kind, user, mode = ''] = state.split(':')
  return kind === 'directory' && user === 'root' && (Number.parseInt(mode, 8) & 0o033) === 0o011
}

function refuseOuter(folder: string, state: string): void {
  if (isFit(state) || state === 'none') return
  throw new TaskError(`${folder} is not root's alone (${state}), so sshd accepts no chroot below it`, {
    hint: `set keyServer.path to a folder such as /masterlock, or chown root ${folder} and chmod go-w,go+x it`,
  })
}

function planFolders(folders: readonly string[], states: readonly string[]): Planned {
  const wrong = folders.flatMap((folder, index) => {
    const state = states[index]!
    return isFit(state) ? [] : [{ folder, state, commands: mend(folder, state) }]
  })
  if (wrong.length === 0) return { actions: [] }
  return {
    actions: [
      {
        action: wrong.some(({ state }) => state !== 'none') ? 'update' : 'create',
        title: `make folders of root's for the keys (${wrong.length})`,
        before: wrong
          .filter(({ state }) => state !== 'none')
          .map(({ folder, state }) => `${folder} ${state}`),
        after: wrong.map(({ folder }) => `${folder} of root, passed through by others`),
        commands: wrong.flatMap(({ commands }) => commands),
      },
    ],
  }
}

function mend(folder: string, state: string): string[] {
  if (state === 'none') return [`install -d -o root -g root -m 0711 ${quote(folder)}`]
  if (!state.startsWith('directory:'))
    throw new TaskError(`${folder} is no folder (${state})`, { hint: `look at it: ls -ld ${quote(folder)}` })
  // Its owner until now, an account of its own group, still reads there.
  return [`chown root ${quote(folder)}`, `chmod go-w,g+rx,o+x ${quote(folder)}`]
}
