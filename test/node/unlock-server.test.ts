import { describe, expect, test } from 'vitest'
import type { Planned, Resource } from '../../tasks/lib/node/resource.ts'
import { accountOf } from '../../tasks/lib/node/unlock/names.ts'
import { keyFolders, sftpAccess } from '../../tasks/lib/node/unlock/server/access.ts'
import { authorizedKey, nodeAccount } from '../../tasks/lib/node/unlock/server/account.ts'
import { dropInText } from '../../tasks/lib/node/unlock/server/sshd-drop-in.ts'
import { storedKey } from '../../tasks/lib/node/unlock/server/stored-key.ts'

function planned(resource: Resource, stdout: string, exitCode = 0): Planned {
  return resource.plan({ stdout, stderr: '', exitCode })
}

function titles(resource: Resource, stdout: string, exitCode = 0): string[] {
  return planned(resource, stdout, exitCode).actions.map(({ title }) => title)
}

describe('the key of a volume on the key server', () => {
  const folder = '/masterlock/keys/kube1'
  const key = storedKey({ folder, volume: 'data', account: 'keys-kube1', isInUse: false })
  const used = storedKey({ folder, volume: 'data', account: 'keys-kube1', isInUse: true })

  test('is made whole before it has its name, and never takes the place of another', () => {
    expect(planned(key, 'none\n').actions[0]!.commands).toEqual([
      'cd /masterlock/keys/kube1',
      'rm -f .data.making',
      '(umask 077; head -c 64 /dev/urandom >.data.making)',
      '[ "$(wc -c <.data.making)" -eq 64 ]',
      'chown root:keys-kube1 .data.making',
      'chmod 0440 .data.making',
      'sync .data.making',
      'ln .data.making data',
      'rm .data.making',
      'sync .',
    ])
  })

  test('is not made anew where the volume is formatted already', () => {
    expect(() => planned(used, 'none\n')).toThrow('the volume is formatted already')
  })

  test.each([
    ['regular file:64:root:keys-kube1:440\nreadable\n', []],
    ['regular file:64:root:root:400\n', ['chgrp keys-kube1 /masterlock/keys/kube1/data']],
    ['regular file:64:master:master:400\n', ['chgrp keys-kube1 /masterlock/keys/kube1/data']],
    ['regular file:64:root:master:440\n', ['chown keys-kube1 /masterlock/keys/kube1/data']],
  ])('is kept with its readers: %s', (answer, commands) => {
    const actions = planned(used, answer).actions
    const all = commands.length === 0 ? [] : [...commands, 'chmod u=r,g=r,o= /masterlock/keys/kube1/data']
    expect(actions.flatMap((action) => action.commands)).toEqual(all)
  })

  test('is closed to everybody else', () => {
    expect(planned(key, 'regular file:64:root:keys-kube1:444\nreadable\n').actions[0]!.commands).toEqual([
      'chmod u=r,g=r,o= /masterlock/keys/kube1/data',
    ])
  })

  test.each([
    'regular file:31:root:keys-kube1:440\nreadable\n',
    'regular empty file:0:root:keys-kube1:440\nreadable\n',
  ])('is kept and named when it is too short: %s', (answer) => {
    const { actions, findings } = planned(key, answer)
    expect(actions).toEqual([])
    expect(findings).toMatchObject([{ severity: 'error', hint: expect.stringContaining('rm /masterlock') }])
  })

  test.each(['directory:4096:root:root:755\n', 'symbolic link:9:root:root:777\n', ''])(
    'is no other thing than a file: %s',
    (answer) => {
      expect(() => planned(key, answer)).toThrow('is no file')
    },
  )
})

describe('the account of a node', () => {
  const account = nodeAccount('keys-kube1', '/masterlock/keys/kube1')
  const passwd = (home: string) => `keys-kube1:x:998:997::${home}:/usr/sbin/nologin\n`

  test('has no password, no shell and its keys as its home', () => {
    expect(planned(account, '', 2).actions[0]!.commands).toEqual([
      "useradd --system --user-group --groups volume-keys --home-dir /masterlock/keys/kube1 --no-create-home --shell /usr/sbin/nologin --password '*' keys-kube1",
    ])
  })

  test('is left alone when it is right, moved with its folder, and refused when somebody else has the name', () => {
    expect(titles(account, `${passwd('/masterlock/keys/kube1')}keys-kube1 volume-keys\n`)).toEqual([])
    const moved = planned(account, `${passwd('/old/keys/kube1')}keys-kube1 volume-keys\n`)
    expect(moved.actions[0]!.commands).toEqual(['usermod --home /masterlock/keys/kube1 keys-kube1'])
    expect(() => planned(account, `${passwd('/home/me')}keys-kube1 sudo\n`)).toThrow('not one of group')
  })

  test('is let in with the key of its node, read when the node has made it', async () => {
    const read = async () => 'ssh-ed25519 AAAA volume-keys@kube1\n'
    const resource = authorizedKey('keys-kube1', { read })
    const [action] = planned(resource, '', 1).actions
    expect(action!.after).toEqual(['the public key that the node makes in this plan'])
    const text = await action!.input!()
    expect(text).toBe('restrict ssh-ed25519 AAAA volume-keys@kube1\n')
    expect(titles(resource, String(text))).toEqual([])
  })

  test('fits into the 32 characters of a name, whatever the node is called', () => {
    expect(accountOf('kube1')).toBe('keys-kube1')
    const long = accountOf(`a-node-with-a-very-long-name-in-${'x'.repeat(20)}`)
    expect(long).toMatch(/^keys-a-node-with-a-very-[0-9a-f]{8}$/)
    expect(long).toHaveLength(32)
  })
})

describe('the folders of the keys', () => {
  const folders = keyFolders('/srv/masterlock', ['/srv/masterlock/keys/kube1'])
  const good = 'directory:root:711\n'

  test("are root's, and nothing differs when they are", () => {
    expect(titles(folders, `directory:root:755\ndirectory:root:755\n${good.repeat(3)}`)).toEqual([])
    const { actions } = planned(folders, `directory:root:755\ndirectory:root:755\n${'none\n'.repeat(3)}`)
    expect(actions[0]!.commands).toEqual([
      'install -d -o root -g root -m 0711 /srv/masterlock',
      'install -d -o root -g root -m 0711 /srv/masterlock/keys',
      'install -d -o root -g root -m 0711 /srv/masterlock/keys/kube1',
    ])
  })

  test('keep the readers that they had', () => {
    const { actions } = planned(
      folders,
      `${'directory:root:755\n'.repeat(2)}directory:master:700\n${good}${good}`,
    )
    expect(actions[0]!.commands).toEqual([
      'chown root /srv/masterlock',
      'chmod go-w,g+rx,o+x /srv/masterlock',
    ])
  })

  test('are refused below a folder that others can change', () => {
    expect(() => planned(folders, `directory:root:755\ndirectory:ops:775\n${good.repeat(3)}`)).toThrow(
      "/srv is not root's alone",
    )
  })
})

describe('what sshd lets nodes do', () => {
  test('changes nothing when it is there and was read', () => {
    expect(titles(sftpAccess(), `text\n${dropInText()}`)).toEqual([])
  })

  test('is written again where sshd may not have read it', () => {
    expect(titles(sftpAccess(), `pending\ntext\n${dropInText()}`)).toHaveLength(1)
    expect(titles(sftpAccess(), 'text\n')).toHaveLength(1)
    expect(titles(sftpAccess(), 'text\nMatch Group volume-keys\n')).toHaveLength(1)
  })

  test('gets its place only after sshd took it with all the rest', () => {
    const { commands } = planned(sftpAccess(), 'text\n').actions[0]!
    const at = (part: string) => commands.findIndex((command) => command.includes(part))
    expect(at('sshd -t -f')).toBeLessThan(at('mv /etc/ssh/sshd_config.d/10-volume-keys.conf.next'))
    expect(at('|| { if [ -e')).toBeLessThan(at('try-reload'))
  })
})
