import { statSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { selfSigned } from '../../tasks/lib/secrets/generate/tls.ts'
import { secretManifest } from '../../tasks/lib/secrets/new/manifest-text.ts'
import { parseValues } from '../../tasks/lib/secrets/new/secret-values.ts'
import { writeFiles } from '../support/cli.ts'
import { freshAgeKey, sopsOutput } from '../support/sops.ts'
import { operator } from './operator.ts'

describe('secrets:new for somebody who has nothing yet', () => {
  it('makes a key and the rules, says so, and writes a Secret that the real sops reads', async () => {
    const { tasks, read, sops, keysFile, home } = operator()
    const { exitCode, stdout, stderr } = await tasks(['secrets:new', 'keyname', '--name', 'alice'], {
      input: 'password=hunter22\nurl=https://x/?a=b\n',
    })
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' })
    expect(stderr).toContain(`there was no key yet: one was made in ${keysFile}`)
    expect(stderr).toContain('secrets/keyname.yaml is written, encrypted: Secret keyname of type Opaque')
    expect(stderr).toContain('can be read by: alice')
    expect(stderr).not.toContain('hunter22')
    expect(statSync(keysFile).mode & 0o777).toBe(0o600)
    expect(statSync(`${home}/.config/sops/age`).mode & 0o777).toBe(0o700)
    expect(read('secrets/keys/alice.age')).toMatch(/^age1[a-z0-9]{58}\n$/)
    expect(read('.sops.yaml')).toContain('encrypted_regex: ^(data|stringData)$')
    expect(read('secrets/keyname.yaml')).toMatch(
      /^apiVersion: v1\nkind: Secret\nmetadata:\n {4}name: keyname\ntype: Opaque\nstringData:\n {4}password: ENC/,
    )
    expect(await sops('secrets/keyname.yaml')).toBe(
      'apiVersion: v1\nkind: Secret\nmetadata:\n    name: keyname\ntype: Opaque\nstringData:\n' +
        '    password: hunter22\n    url: https://x/?a=b\n',
    )
  })

  it('asks on a terminal, shows nothing of what is typed, and generates what is left empty', async () => {
    const { types, sops } = operator()
    const { exitCode, stdout } = await types(
      ['secrets:new', 'keyname'],
      [
        ['number or name: [opaque]', ''],
        ['name of the value? [password]', ''],
        ['random characters):', 'hunter22'],
        ['another value?', 'y'],
        ['name of the next value?', 'token'],
        ['random characters):', ''],
        ['another value?', ''],
      ],
    )
    expect(exitCode).toBe(0)
    expect(stdout).toContain('next: tasks secrets:get keyname')
    expect(stdout).not.toContain('hunter22')
    expect(await sops('secrets/keyname.yaml')).toMatch(/password: hunter22\n {4}token: [A-Za-z0-9]{32}\n$/)
  })

  it('leaves nothing behind after Ctrl-C in a prompt', async () => {
    const { types, files } = operator()
    const before = files()
    const { exitCode, stdout } = await types(
      ['secrets:new', 'keyname', '--type', 'basic-auth'],
      [
        ['username? [admin]', ''],
        ['random characters):', '^C'],
      ],
    )
    expect(exitCode).toBe(130)
    expect(stdout).toContain('interrupted')
    expect(files()).toEqual(before)
  })
})

describe('without a terminal', () => {
  it.each([
    [[], 'its values are missing', '--generate password=32'],
    [['--value', 'token'], 'token is missing', '--generate token=32'],
    [['--value', 'a', '--value', 'b', '--generate', 'a=32'], 'b is missing', '--generate b=32'],
    [['--type', 'basic-auth'], 'username, password are missing', '--username NAME --generate password'],
    [['--type', 'tls'], 'tls.crt, tls.key are missing', '--cert FILE --tls-key FILE'],
    [['--type', 'ssh'], 'ssh-privatekey is missing', '--generate ssh'],
    [['--type', 'docker-registry', '--username', 'a'], 'server, password are missing', '--server HOST'],
  ])('%j ends with 64, names what is missing, and changes nothing', async (flags, message, hint) => {
    const { tasks, files } = operator()
    const before = files()
    const { exitCode, stderr } = await tasks(['secrets:new', 'keyname', ...flags])
    expect(exitCode).toBe(64)
    expect(stderr).toContain(message)
    expect(stderr).toContain(hint)
    expect(files()).toEqual(before)
  })

  it('a pipe that nobody writes to holds nothing up', async () => {
    const { silent, has } = operator()
    expect(await silent(['secrets:new', 'k', '--generate', '32'])).toBe(0)
    expect(has('secrets/k.yaml')).toBe(true)
  })

  it('one bare value may stand on stdin for the one key that is named', async () => {
    const { tasks, sops } = operator()
    expect((await tasks(['secrets:new', 'k', '--value', 'token'], { input: 'a: b=c\n' })).exitCode).toBe(0)
    expect(await sops('secrets/k.yaml')).toContain("    token: 'a: b=c'\n")
  })

  it('a user name is no secret that would blank the name of the file or of people', async () => {
    const { tasks } = operator()
    const input = 'username=alice\npassword=hunter22\n'
    const { stderr } = await tasks(['secrets:new', 'alice', '--type', 'basic-auth', '--name', 'alice'], {
      input,
    })
    expect(stderr).toContain('secrets/alice.yaml is written')
    expect(stderr).toContain('can be read by: alice\n')
  })

  it('what stdin has beyond the keys that are named is refused by name', async () => {
    const { tasks, has } = operator()
    const { exitCode, stderr } = await tasks(['secrets:new', 'k', '--value', 'a', '--value', 'b'], {
      input: '{"a": "one", "b": "two", "c": "three"}',
    })
    expect({ exitCode, written: has('secrets/k.yaml') }).toEqual({ exitCode: 64, written: false })
    expect(stderr).toContain('stdin also has c')
    const one = await tasks(['secrets:new', 'k', '--value', 'a'], { input: 'a=one\nc=three\n' })
    expect({ exitCode: one.exitCode, written: has('secrets/k.yaml') }).toEqual({
      exitCode: 64,
      written: false,
    })
  })
})

describe('a type', () => {
  it('tls holds a certificate with its key, and refuses those that do not belong together', async () => {
    const { tasks, project, sops, has } = operator()
    const [one, other] = await Promise.all(
      ['a.lan', 'b.lan'].map((name) => selfSigned([name], { days: 90, now: new Date() })),
    )
    writeFiles(project, { 'a.crt': one!.certificate, 'a.key': one!.key, 'b.key': other!.key })
    const wrong = await tasks([
      'secrets:new',
      'web',
      '--type',
      'tls',
      '--cert',
      'a.crt',
      '--tls-key',
      'b.key',
    ])
    expect(wrong.exitCode).toBe(1)
    expect(wrong.stderr).toContain('the private key belongs to another certificate')
    expect(has('secrets/web.yaml')).toBe(false)
    const right = await tasks([
      'secrets:new',
      'web',
      '--type',
      'tls',
      '--cert',
      'a.crt',
      '--tls-key',
      'a.key',
    ])
    expect(right.exitCode).toBe(0)
    const clear = await sops('secrets/web.yaml')
    expect(clear).toContain('type: kubernetes.io/tls\n')
    expect(clear).toContain(`    tls.key: |\n        -----BEGIN PRIVATE KEY-----\n`)
  })

  it('basic-auth has an htpasswd line besides, docker-registry the login as kubectl writes it', async () => {
    const { tasks, sops } = operator()
    const auth = ['--type', 'basic-auth', '--username', 'admin', '--generate', 'password']
    expect((await tasks(['secrets:new', 'monitor', ...auth])).exitCode).toBe(0)
    expect(await sops('secrets/monitor.yaml')).toMatch(
      /type: kubernetes\.io\/basic-auth\nstringData:\n {4}username: admin\n {4}password: \w{20}\n {4}auth: \|\n {8}admin:\$2y\$10\$/,
    )
    const login = ['--type', 'docker-registry', '--server', 'ghcr.io', '--username', 'me']
    expect((await tasks(['secrets:new', 'ghcr', ...login], { input: 'pw:1\n' })).exitCode).toBe(0)
    const clear = await sops('secrets/ghcr.yaml')
    const json = /\.dockerconfigjson: '(.*)'\n/.exec(clear)![1]!
    expect(JSON.parse(json).auths['ghcr.io']).toMatchObject({ username: 'me', password: 'pw:1' })
  })

  it('env makes variables instead, as sops reads them', async () => {
    const { tasks, sops, has } = operator()
    const { exitCode } = await tasks(['secrets:new', 'app', '--kind', 'env'], { input: 'A=1\nB=two words\n' })
    expect(exitCode).toBe(0)
    expect(await sops('secrets/app.env')).toBe('A=1\nB=two words\n')
    expect(has('secrets/app.yaml')).toBe(false)
    expect((await tasks(['secrets:new', 'app2', '--kind', 'env'], { input: 'a-b=1\n' })).stderr).toContain(
      'did you mean A_B?',
    )
  })
})

describe('a name', () => {
  it('that cannot be one of a Secret is answered with one that can', async () => {
    const { tasks } = operator()
    const { exitCode, stderr } = await tasks(['secrets:new', 'team/My_Database', '--generate', '32'])
    expect(exitCode).toBe(64)
    expect(stderr).toContain('did you mean tasks secrets:new team/my-database?')
  })

  it('that is taken is never overwritten, whatever its ending', async () => {
    const { tasks, read } = operator({ 'secrets/db.yml': 'mine: 1\n' })
    const { exitCode, stderr } = await tasks(['secrets:new', 'secrets/db.yaml', '--generate', '32'])
    expect(exitCode).toBe(1)
    expect(stderr).toContain('secrets/db.yml exists already')
    expect(stderr).toContain('tasks secrets:edit db')
    expect(read('secrets/db.yml')).toBe('mine: 1\n')
  })

  it('gets the ending that its neighbours have', async () => {
    const { tasks, has } = operator({ 'secrets/other.yml': 'mine: 1\n' })
    expect((await tasks(['secrets:new', 'db', '--generate', '32'])).exitCode).toBe(0)
    expect(has('secrets/db.yml')).toBe(true)
  })
})

describe('where there are encrypted files and no rules', () => {
  it('writes rules for those who can read them all, so that updatekeys locks nobody out', async () => {
    const [bob, carol] = [freshAgeKey(), freshAgeKey()]
    const { tasks, read, sops, project, env } = operator()
    const keys: [string, string][] = [
      ['old.yml', `${bob.recipient},${carol.recipient}`],
      ['older.yml', bob.recipient],
    ]
    for (const [name, recipients] of keys) {
      const argv = ['encrypt', '--age', recipients, '--filename-override', name]
      const sealed = await sopsOutput(argv, { input: 'a: hunter22\n' })
      writeFiles(project, { [`secrets/${name}`]: sealed.toString() })
    }
    const made = await tasks(['secrets:new', 'db', '--generate', '32'], {
      env: { SOPS_AGE_KEY: bob.identity },
    })
    expect(made.exitCode).toBe(0)
    expect(made.stderr).not.toContain('there was no key')
    expect(made.stderr).toContain(`can be read by: ${bob.recipient}\n`)
    expect(read('.sops.yaml')).toContain(bob.recipient)
    expect(read('.sops.yaml')).not.toContain(carol.recipient)
    env.SOPS_AGE_KEY = bob.identity
    expect(await sops('secrets/db.yml')).toContain('password: ')
  })
})

describe('where there are rules already', () => {
  it.each([
    ['Secret', 'encrypted_regex: ^password$', 'stringData.token', 'encrypted_regex: ^(data|stringData)$'],
    ['env', 'encrypted_suffix: _secret', 'token, password', 'take the line out'],
  ])('that would leave a value of a new %s readable, nothing is written', async (kind, rule, names, hint) => {
    const rules = `creation_rules:\n  - path_regex: ^secrets/\n    ${rule}\n    age: ${freshAgeKey().recipient}\n`
    const { tasks, has } = operator({ '.sops.yaml': rules })
    const input = 'token=hunter22\npassword=hunter33\n'
    const { exitCode, stderr } = await tasks(['secrets:new', 'db', '--kind', kind], { input })
    expect(exitCode).toBe(1)
    expect(stderr).toContain(`${names} would not be encrypted`)
    expect(stderr).toContain(hint)
    expect(stderr).not.toMatch(/hunter|bug/)
    expect(has(kind === 'env' ? 'secrets/db.env' : 'secrets/db.yaml')).toBe(false)
  })

  it('a newcomer without a key gets one and joins; everybody can read the new Secret', async () => {
    const bob = freshAgeKey()
    const rules = `# ours\ncreation_rules:\n  - path_regex: ^secrets/\n    encrypted_regex: ^(data|stringData)$\n    age: ${bob.recipient}\n`
    const { tasks, read, sops } = operator({
      '.sops.yaml': rules,
      'secrets/keys/bob.age': `${bob.recipient}\n`,
    })
    const { stderr } = await tasks(['secrets:new', 'db', '--generate', '32', '--name', 'alice'])
    expect(stderr).toContain('can be read by: bob, alice')
    expect(read('.sops.yaml')).toMatch(/^# ours\n/)
    expect(await sops('secrets/db.yaml')).toContain('password: ')
  })

  it('somebody whose key is not among the recipients is told, and the rules stay as they are', async () => {
    const bob = freshAgeKey()
    const alice = freshAgeKey()
    const rules = `creation_rules:\n  - age: ${bob.recipient}\n`
    const { tasks, read, keysFile, home } = operator({ '.sops.yaml': rules })
    writeFiles(home, { '.config/sops/age/keys.txt': `${alice.identity}\n` })
    const { exitCode, stderr } = await tasks(['secrets:new', 'db', '--generate', '32'])
    expect(exitCode).toBe(0)
    expect(stderr).toContain('you cannot read it yourself')
    expect(read('.sops.yaml')).toBe(rules)
    expect(statSync(keysFile).size).toBe(alice.identity.length + 1)
  })
})

it('more than a Secret holds is refused before anything is made', async () => {
  const { tasks, files } = operator()
  const before = files()
  const { exitCode, stderr } = await tasks(['secrets:new', 'k', '--value', 'a'], {
    input: 'x'.repeat(1 << 21),
  })
  expect(exitCode).toBe(64)
  expect(stderr).toContain('2097152 bytes')
  expect(files()).toEqual(before)
})

it('values are read as texts, whatever a YAML reader makes of them', async () => {
  expect(await parseValues('pin: 0123\nflag: yes\nhex: 0x1F\n')).toEqual({
    pin: '0123',
    flag: 'yes',
    hex: '0x1F',
  })
  expect(await parseValues('{"a": "x\\ny", "b": 5}')).toEqual({ a: 'x\ny', b: '5' })
  expect(await parseValues('A= x \n# note\n\nB="q"\n')).toEqual({ A: ' x ', B: '"q"' })
  expect(await parseValues('c2VjcmV0cw==\n', { expected: ['token'] })).toEqual({ token: 'c2VjcmV0cw==' })
  await expect(parseValues('c2VjcmV0cw==\n')).rejects.toMatchObject({ exitCode: 64 })
  expect(await parseValues('{"pin": 12345678901234567890, "x": 1e3, "s": "\\u00e4/\\/"}')).toEqual({
    pin: '12345678901234567890',
    x: '1e3',
    s: 'ä//',
  })
  const alias = await parseValues('password: *hunter22\n').catch((error: Error) => error)
  expect(alias).toMatchObject({ exitCode: 64, message: expect.not.stringContaining('hunter22') })
  await expect(parseValues('- a\n- b\n')).rejects.toMatchObject({ exitCode: 64 })
  await expect(parseValues('a: {b: c}\n')).rejects.toMatchObject({ exitCode: 64 })
})

it('bytes that are no text go to data, odd keys and values are quoted', () => {
  const values = { yes: 'on', '123': '007', pem: 'a\nb\n', bin: new Uint8Array([0xff, 0]) }
  expect(secretManifest({ name: '1e3', namespace: 'web', type: 'Opaque', values })).toBe(
    'apiVersion: v1\nkind: Secret\nmetadata:\n    name: "1e3"\n    namespace: web\ntype: Opaque\n' +
      'data:\n    bin: /wA=\nstringData:\n    "123": "007"\n    "yes": "on"\n    pem: |\n        a\n        b\n',
  )
})
