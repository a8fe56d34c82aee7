import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { run, writeFiles } from '../support/cli.ts'
import { age, freshAgeKey, sopsOutput } from '../support/sops.ts'
import { operator } from './operator.ts'

describe('secrets:key without a key', () => {
  it('makes one at sops own place, lets it join the project, and says in four lines what to back up', async () => {
    const { tasks, read, keysFile } = operator()
    const { exitCode, stdout, stderr } = await tasks(['secrets:key', '--name', 'alice'])
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^age1[a-z0-9]{58}\n$/)
    expect(read('secrets/keys/alice.age')).toBe(stdout)
    expect(read('.sops.yaml')).toContain(`- ${stdout.trim()} # alice\n`)
    expect(statSync(keysFile).mode & 0o777).toBe(0o600)
    expect(stderr.match(/^ {2}\S/gm)).toHaveLength(4)
    expect(stderr).toContain('next: tasks secrets:new keyname')
    const again = await tasks(['secrets:key'])
    expect(again.stdout).toBe(stdout)
    expect(again.stderr).toContain("alice's key (age) in")
  })

  it('writes first rules for those who can read what is there, besides its own', async () => {
    const bob = freshAgeKey()
    const argv = ['encrypt', '--age', bob.recipient, '--filename-override', 'a.yaml']
    const sealed = (await sopsOutput(argv, { input: 'a: b\n' })).toString()
    const { tasks, read } = operator({ 'secrets/a.yaml': sealed })
    const { stdout } = await tasks(['secrets:key', '--name', 'alice'])
    for (const recipient of [bob.recipient, stdout.trim()]) expect(read('.sops.yaml')).toContain(recipient)
    expect((await tasks(['secrets:key', '--break-glass'])).exitCode).toBe(0)
  })

  it('makes one that withstands quantum computers, and the real sops reads what is encrypted for it', async () => {
    const { tasks, sops } = operator()
    const { stdout } = await tasks(['secrets:key', '--type', 'age-pq'])
    expect(stdout).toMatch(/^age1pq1/)
    expect((await tasks(['secrets:new', 'k'], { input: 'a=b\n' })).exitCode).toBe(0)
    expect(await sops('secrets/k.yaml')).toContain('    a: b\n')
  })

  it('asks on a terminal whose it is', async () => {
    const { types, has } = operator()
    const { exitCode } = await types(['secrets:key'], [['your name, for your public key?', 'carol']])
    expect({ exitCode, has: has('secrets/keys/carol.age') }).toEqual({ exitCode: 0, has: true })
  })

  it('changes nothing in a dry run', async () => {
    const { tasks, files } = operator()
    const before = files()
    expect((await tasks(['secrets:key', '--dry-run'])).exitCode).toBe(0)
    expect(files()).toEqual(before)
  })

  it('makes none where there is one that cannot be read', async () => {
    const { tasks, home } = operator()
    writeFiles(home, { '.config/sops/age/keys.txt': 'AGE-SECRET-KEY-1WRONG\n' })
    const { exitCode, stderr } = await tasks(['secrets:key'])
    expect(exitCode).toBe(1)
    expect(stderr).toContain('there is a key, and it cannot be read')
    expect(stderr).not.toContain('1WRONG')
  })
})

describe('secrets:key with a key', () => {
  it('that the project does not know offers to join, and joins under a name', async () => {
    const { tasks, home, read, keysFile } = operator()
    const { identity, recipient } = freshAgeKey()
    writeFiles(home, { '.config/sops/age/keys.txt': identity })
    const shown = await tasks(['secrets:key'])
    expect(shown.stdout).toBe(`${recipient}\n`)
    expect(shown.stderr).toContain('a key that this project does not know')
    expect(shown.stderr).toMatch(/next: tasks secrets:key --name \S+\n/)
    expect((await tasks(['secrets:key', '--name', 'bob'])).exitCode).toBe(0)
    expect(read('secrets/keys/bob.age')).toBe(`${recipient}\n`)
    expect(readFileSync(keysFile, 'utf8')).toBe(identity)
  })

  it('says which files it opens, and to renew the others once it joined', async () => {
    const { tasks, home } = operator()
    await tasks(['secrets:new', 'db', '--generate', '32', '--name', 'alice'])
    rmSync(join(home, '.config'), { recursive: true })
    const { stderr } = await tasks(['secrets:key', '--name', 'bob'])
    expect(stderr).toContain('next: tasks secrets:updatekeys')
    expect((await tasks(['secrets:key'])).stderr).toContain('opens 0 of 1 files')
  })

  it('adds another one behind it, whatever its file ends with', async () => {
    const { tasks, home, keysFile } = operator()
    const { identity } = freshAgeKey()
    writeFiles(home, { '.config/sops/age/keys.txt': `# mine\n${identity}` })
    expect((await tasks(['secrets:key', '--type', 'age-pq'])).exitCode).toBe(0)
    expect(readFileSync(keysFile, 'utf8')).toMatch(
      new RegExp(
        `^# mine\\n${identity}\\n# created: .*\\n# public key: age1pq1.*\\nAGE-SECRET-KEY-PQ-1\\w+\\n$`,
      ),
    )
  })
})

describe('on paper', () => {
  it('a key comes back on another machine', async () => {
    const { tasks, keysFile, home, sops } = operator()
    await tasks(['secrets:new', 'db'], { input: 'a=b\n' })
    const before = readFileSync(keysFile, 'utf8').match(/^AGE-.*/m)![0]
    const { stdout, stderr } = await tasks(['secrets:key', '--paper'])
    expect(stdout).not.toContain(before)
    expect(stderr).not.toMatch(/AGE-SECRET-KEY-1\w/)
    rmSync(join(home, '.config'), { recursive: true })
    const { exitCode } = await tasks(['secrets:key', '--recover'], { input: stdout })
    expect(exitCode).toBe(0)
    expect(readFileSync(keysFile, 'utf8')).toContain(`\n${before}\n`)
    expect(await sops('secrets/db.yaml')).toContain('    a: b\n')
  })

  it('a break-glass key is three papers; two of them open everything, one nothing', async () => {
    const { tasks, home, sops, read } = operator()
    const { stdout } = await tasks(['secrets:key', '--break-glass'])
    const papers = stdout.split(/(?=BREAK-GLASS KEY, SHARE)/).slice(1)
    expect(papers).toHaveLength(3)
    expect(read('.sops.yaml')).toContain(' # break-glass\n')
    await tasks(['secrets:new', 'db'], { input: 'a=b\n' })
    rmSync(join(home, '.config'), { recursive: true })
    const one = await tasks(['secrets:key', '--recover'], { input: papers[2]! })
    expect(one.exitCode).toBe(64)
    expect(one.stderr).toContain('two different shares are needed')
    expect((await tasks(['secrets:key', '--recover'], { input: papers[2]! + papers[0] })).exitCode).toBe(0)
    expect(await sops('secrets/db.yaml')).toContain('    a: b\n')
    const second = await tasks(['secrets:key', '--break-glass'])
    expect(second.stderr).toContain('there is a break-glass key already')
  })
})

describe('--ci', () => {
  it('makes a recipient of its own, whose identity is printed once and opens what follows', async () => {
    const { tasks, project, env, read } = operator()
    const { stdout } = await tasks(['secrets:key', '--ci', 'github'])
    const identity = stdout.match(/^AGE-SECRET-KEY-1\w+$/m)![0]
    expect(read('secrets/keys/github.age')).toBe(`${stdout.match(/public key: (\S+)/)![1]}\n`)
    await tasks(['secrets:new', 'db'], { input: 'a=b\n' })
    const ci = { ...env, HOME: '/nonexistent', XDG_CONFIG_HOME: '/nonexistent', SOPS_AGE_KEY: identity }
    expect(String(await sopsOutput(['decrypt', 'secrets/db.yaml'], { cwd: project, env: ci }))).toContain(
      'a: b\n',
    )
    expect((await tasks(['secrets:key', '--ci', 'github'])).stderr).toContain(
      'there is a key of github already',
    )
  })

  it('writes it to a new file that only its owner reads, and the real age takes it', async () => {
    const { tasks, project, read } = operator({ 'taken.key': 'mine' })
    expect((await tasks(['secrets:key', '--ci', 'ci', '--output', 'taken.key'])).exitCode).toBe(1)
    expect(read('taken.key')).toBe('mine')
    const { exitCode, stdout } = await tasks(['secrets:key', '--ci', 'ci', '--output', 'ci.key'])
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' })
    expect(statSync(join(project, 'ci.key')).mode & 0o777).toBe(0o600)
    const recipients = ['-R', 'secrets/keys/ci.age', '-a']
    const sealed = spawnSync(age, recipients, { cwd: project, input: 'text' }).stdout
    const opened = spawnSync(age, ['-d', '-i', 'ci.key'], { cwd: project, input: sealed })
    expect(opened.stdout.toString()).toBe('text')
  })
})

describe('a PGP key', () => {
  it('goes to the keyring of gpg, and CI gets its subkeys only', async () => {
    const { tasks, project, env, read } = operator()
    const [own, ci] = [gpgHome(), gpgHome()]
    const made = await tasks(['secrets:key', '--type', 'pgp-ecc', '--name', 'alice'], {
      env: { GNUPGHOME: own },
    })
    expect(made.stdout).toMatch(/^[0-9A-F]{40}\n$/)
    expect(read('secrets/keys/alice.asc')).toContain('BEGIN PGP PUBLIC KEY BLOCK')
    const printed = await tasks(['secrets:key', '--type', 'pgp-ecc', '--ci', 'runner'], {
      env: { GNUPGHOME: own },
    })
    await tasks(['secrets:new', 'db'], { input: 'a=b\n', env: { GNUPGHOME: own } })
    await run('gpg', ['--batch', '--import'], { input: printed.stdout, env: { GNUPGHOME: ci } })
    const listed = await run('gpg', ['--list-secret-keys', '--with-colons'], { env: { GNUPGHOME: ci } })
    // Field 15 of a primary key whose secret is not there. Source: doc/DETAILS of GnuPG.
    expect(listed.stdout).toMatch(/^sec:(.*?:){13}#:/m)
    for (const GNUPGHOME of [own, ci]) {
      const clear = await sopsOutput(['decrypt', 'secrets/db.yaml'], {
        cwd: project,
        env: { ...env, GNUPGHOME },
      })
      expect(clear.toString()).toContain('    a: b\n')
    }
  })
})

it('two things at once are refused, as is a name that no file can have', async () => {
  const { tasks } = operator()
  const both = await tasks(['secrets:key', '--paper', '--break-glass'])
  expect(both.stderr).toContain('--paper and --break-glass are different things')
  const { exitCode, stderr } = await tasks(['secrets:key', '--name', '../Al Ice'])
  expect(exitCode).toBe(64)
  expect(stderr).toContain('did you mean --name Al-Ice?')
})

/** gpg's sockets want a short path. */
function gpgHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'g-'))
  onTestFinished(() => {
    spawnSync('gpgconf', ['--homedir', home, '--kill', 'all'])
    rmSync(home, { recursive: true, force: true })
  })
  return home
}
