import { TaskError } from '../../../cli/errors.ts'
import { quote } from '../../../cli/process/quote.ts'
import type { Answer, Planned, Resource } from '../../resource.ts'
import { accountGroup } from '../names.ts'
import { authorizedKeysFolder } from './sshd-drop-in.ts'

/** The account that a node reads its keys with: no password, no shell, its home is its chroot. */
export function nodeAccount(account: string, home: string): Resource {
  return {
    target: `account ${account}`,
    probe: `getent passwd ${account} && id -nG ${account}`,
    plan: (answer) => planAccount(answer, { account, home }),
  }
}

function planAccount(
  { stdout, exitCode }: Answer,
  { account, home }: { account: string; home: string },
): Planned {
  const after = [`${account} home=${home} groups=${account},${accountGroup}`]
  if (exitCode !== 0 && stdout.trim() === '') {
    const useradd =
      `useradd --system --user-group --groups ${accountGroup} --home-dir ${quote(home)} --no-create-home ` +
      `--shell /usr/sbin/nologin --password '*' ${account}`
    const title = `make account ${account}, for SFTP in ${home} only`
    return { actions: [{ action: 'create', title, after, commands: [useradd] }] }
  }
  const [passwd = '', groups = ''] = stdout.trim().split('\n')
  const present = passwd.split(':')[5]
  if (!groups.split(' ').includes(accountGroup)) {
    throw new TaskError(`account ${account} is there and is not one of group ${accountGroup}`, {
      hint: `look what it is for: getent passwd ${account}; where it is unused: userdel ${account}`,
    })
  }
  if (present === home) return { actions: [] }
  const commands = [`usermod --home ${quote(home)} ${account}`]
  const title = `let account ${account} see ${home} only`
  return { actions: [{ action: 'update', title, before: [`${account} home=${present}`], after, commands }] }
}

/** A node's public key: as it was read before planning, or as it is read once the node has made it. */
export interface PublicKey {
  text?: string
  /** Asks the node. */
  read(): Promise<string>
}

/** The one SSH key that lets a node in. */
export function authorizedKey(account: string, key: PublicKey): Resource {
  const file = `${authorizedKeysFolder}/${account}`
  return {
    target: `file ${file}`,
    probe: `cat ${file}`,
    plan: ({ stdout, exitCode }) => {
      const wanted = key.text && authorizedLine(key.text)
      if (exitCode === 0 && stdout === wanted) return { actions: [] }
      const title = `let ${account} in with the SSH key of its node, in ${file}`
      const after = [wanted?.trimEnd() ?? 'the public key that the node makes in this plan']
      const commands = [
        `install -d -m 0755 ${authorizedKeysFolder}`,
        `cat >${file}.next`,
        `chmod 0644 ${file}.next`,
        `ssh-keygen -l -f ${file}.next >/dev/null`,
        `sync ${file}.next`,
        `mv ${file}.next ${file}`,
      ]
      const input = async () => {
        key.text ??= await key.read()
        return authorizedLine(key.text)
      }
      const action = stdout === '' ? 'create' : 'update'
      return { actions: [{ action, title, before: stdout.split('\n').slice(0, -1), after, commands, input }] }
    },
  }
}

function authorizedLine(publicKey: string): string {
  return `restrict ${publicKey.trim()}\n`
}
