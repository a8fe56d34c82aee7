import { spawn } from 'node:child_process'
import { chmodSync, chownSync, existsSync, readdirSync, readFileSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { sealText } from '../../tasks/lib/secrets/engine.ts'
import { createKeyring } from '../../tasks/lib/secrets/keys/keyring.ts'
import { secretProject } from '../../tasks/lib/secrets/project.ts'
import { rotatePlan } from '../../tasks/lib/secrets/rekey/rotate-plan.ts'
import { readRules } from '../../tasks/lib/secrets/rules/rules.ts'
import { run, tasksWords } from '../support/cli.ts'
import { gpgHome, makeKey } from '../support/gpg.ts'
import { rulesFor, secretText, type Team, team } from './team.ts'

const db = secretText('db', { password: 'hunter22', user: 'app' })
const pgp = await gpgHome()
afterAll(() => pgp.remove())

test('every value is encrypted anew under a new data key, and the layout of files stays', async () => {
  const { folder, seal, tasks, open, read, write } = team(['alice', 'bob'])
  const text = `# top\nkind: Secret\n\nstringData:\n    a: one # why\n\n    b: "2"\n`
  write({ 'secrets/db.yaml': text, 'secrets/app.env': 'A=1\n', 'secrets/key.bin': 'bytes' })
  const sealed = await tasks('alice', ['secrets:encrypt', '--in-place', '--keep-format', 'secrets/db.yaml'])
  expect(sealed.stderr).toBe('')
  await seal('secrets/app.env', 'A=1\n')
  await seal('secrets/key.bin', 'bytes\0')
  const before = read('secrets/db.yaml')
  const leftover = 'secrets/.db.yaml.0123456789ab.tmp'
  write({ [leftover]: before })
  utimesSync(join(folder, leftover), 1, 1)
  const { exitCode, stderr } = await tasks('alice', ['secrets:rotate', '--yes'])
  expect(exitCode).toBe(0)
  expect(existsSync(join(folder, leftover))).toBe(false)
  expect(stderr).toContain('Done')
  const clear = (await open('bob', 'secrets/db.yaml'))!
  expect(clear).toMatch(/a: one[\s\S]*b: "2"/)
  expect(await open('bob', 'secrets/app.env')).toBe('A=1\n')
  expect(await open('bob', 'secrets/key.bin')).toBe('bytes\0')
  const head = (sealedText: string) => sealedText.split(/^sops:/m)[0]!.replaceAll(/ENC\[[^\]]+\]/g, 'ENC')
  const after = read('secrets/db.yaml')
  expect(head(after)).toBe(head(before))
  const ciphertexts = (sealedText: string) => sealedText.match(/ENC\[[^\]]+\]/g)!
  expect(ciphertexts(after).filter((value) => ciphertexts(before).includes(value))).toEqual([])
})

test('somebody leaves: out of the rules, the files and secrets/keys, with a list of what is to be changed', async () => {
  const { folder, seal, tasks, open, read, write, recipient, state } = team(['alice', 'bob', 'carol'])
  await seal('secrets/db.yaml', db)
  await seal('secrets/team/app.env', 'TOKEN=t1\n')
  write({ '.sops.yaml': rulesFor([recipient('bob'), recipient('carol')]) })
  await seal('secrets/not-hers.yaml', db)
  const notHers = read('secrets/not-hers.yaml')
  const rules = (names: string[]) => {
    const people = names.map((name) => `      - ${recipient(name)} # ${name}\n`).join('')
    const secrets = `  - path_regex: ^secrets/.*yaml # all\n    encrypted_regex: ^(data|stringData)$\n    age:\n`
    return `# who\ncreation_rules:\n${secrets}${people}  - path_regex: env$\n    age:\n${people}`
  }
  write({ '.sops.yaml': rules(['alice', 'bob', 'carol']) })

  const list = '.tasks/secrets/readable-by-alice.txt'
  write({ [list]: 'secrets/older.yaml: stringData.from-a-run-before\n' })
  const planned = await tasks('bob', ['secrets:rotate', '--remove', 'alice', '--dry-run'])
  expect(planned.stdout).toContain('+ secrets/db.yaml: stringData.password, stringData.user')
  expect(planned.stderr).toContain('alice could read 3 values in 2 files')
  const { exitCode, stderr } = await tasks('bob', ['secrets:rotate', '--remove', 'alice', '--yes'])
  expect(exitCode).toBe(0)
  expect(stderr).toContain(`next: cat ${list}`)
  expect(read(list).split('\n')).toEqual([
    'secrets/db.yaml: stringData.password, stringData.user',
    'secrets/older.yaml: stringData.from-a-run-before',
    'secrets/team/app.env: TOKEN',
    '',
  ])
  expect(read('.tasks/.gitignore')).toBe('*\n')
  expect(read('.sops.yaml')).toBe(rules(['bob', 'carol']))
  expect(readdirSync(join(folder, 'secrets/keys'))).toEqual(['bob.age', 'carol.age'])
  expect(read('secrets/not-hers.yaml')).toBe(notHers)
  for (const path of ['secrets/db.yaml', 'secrets/team/app.env']) {
    expect(await open('alice', path)).toBeUndefined()
    expect(await open('bob', path)).toBe(await open('carol', path))
    expect(await open('bob', path)).toContain(path.endsWith('env') ? 'TOKEN=t1' : 'hunter22')
  }
  expect(stderr + planned.stdout).not.toMatch(/hunter22|t1/)
  const done = state()
  const again = await tasks('bob', ['secrets:rotate', '--remove', recipient('alice'), '--yes'])
  expect(again.exitCode).toBe(0)
  expect(again.stderr).toContain('nothing to do')
  expect(state()).toEqual(done)
})

test.each([1, 40, 110])(
  'killed after %i of 120 files, the next run brings it to the same end',
  async (count) => {
    const people = team(['alice', 'bob', 'carol'])
    const { folder, env, recipient, read, tasks, open } = people
    const paths = await manyFiles(people, 120)
    const isDone = (path: string) => !read(path).includes(recipient('alice'))
    const args = ['secrets:rotate', '--remove', 'alice', '--yes']
    const child = spawn(process.execPath, tasksWords(args), { cwd: folder, env: env('bob') })
    const ended = new Promise((resolve) => child.on('close', (_, signal) => resolve(signal)))
    const late = new Promise<void>((resolve) => {
      const look = () => (paths.filter(isDone).length >= count ? resolve() : setImmediate(look))
      look()
    })
    await Promise.race([late, ended])
    child.kill('SIGKILL')
    expect(await ended).toBe('SIGKILL')
    expect(paths.every(isDone)).toBe(false)
    // In between whoever stays reads everything, and the list already says who should not.
    await new Promise((resolve) => setTimeout(resolve, 1000))
    const listed = await tasks('bob', ['secrets:list', '--check', '--json'])
    const { files } = JSON.parse(listed.stdout)
    expect(files.every((file: { mac: string }) => file.mac === 'good')).toBe(true)
    expect(listed.exitCode).toBe(1)

    const { exitCode, stderr } = await tasks('bob', args)
    expect(exitCode).toBe(0)
    expect(stderr).toContain('the last run stopped at data-keys')
    expect(paths.every(isDone)).toBe(true)
    expect(read('.sops.yaml')).not.toContain(recipient('alice'))
    expect(readdirSync(join(folder, 'secrets/keys'))).toEqual(['bob.age', 'carol.age'])
    expect(read('.tasks/secrets/readable-by-alice.txt').trimEnd().split('\n')).toHaveLength(120)
    expect(readdirSync(join(folder, 'secrets')).filter((name) => name.startsWith('.'))).toEqual([])
    expect(await open('alice', paths[0]!)).toBeUndefined()
    expect(await open('carol', paths[0]!)).toContain('value-0')
    expect(await open('carol', paths[119]!)).toContain('value-119')
  },
)

test('somebody comes: rules and files have the newcomer', async () => {
  const { seal, tasks, open, read, write, recipient } = team(['alice', 'bob'])
  write({ '.sops.yaml': rulesFor([recipient('alice')]) })
  await seal('secrets/db.yaml', db)
  const { exitCode } = await tasks('alice', ['secrets:rotate', '--add', 'bob', '--yes'])
  expect(exitCode).toBe(0)
  expect(await open('bob', 'secrets/db.yaml')).toBe(db)
  expect(read('.sops.yaml')).toContain(recipient('bob'))
})

test('one goes and one comes at once, also where the one was alone', async () => {
  const { seal, tasks, open, write, recipient } = team(['alice', 'bob'])
  write({ '.sops.yaml': rulesFor([recipient('alice')]) })
  await seal('secrets/db.yaml', db)
  const ran = await tasks('alice', ['secrets:rotate', '--remove', 'alice', '--add', 'bob', '--yes'])
  expect(ran.exitCode).toBe(0)
  expect(await open('bob', 'secrets/db.yaml')).toBe(db)
  expect(await open('alice', 'secrets/db.yaml')).toBeUndefined()
})

test('a person with a PGP key leaves, in the presence of gpg', async () => {
  const { tasks, open, read, write, recipient } = team(['bob'])
  const fp = makeKey(pgp, { name: 'dora' })
  write({ 'secrets/keys/dora.asc': pgp.gpg(['--armor', '--export', fp]).toString() })
  const rules = `creation_rules:\n- path_regex: ^secrets/\n  age: ${recipient('bob')}\n  pgp: ${fp}\n`
  write({ '.sops.yaml': rules, 'secrets/db.yaml': db })
  const sealed = await tasks('bob', ['secrets:encrypt', '--in-place', 'secrets/db.yaml'])
  expect(sealed.stderr).toBe('')
  const asDora = { ...pgp.environment, SOPS_AGE_KEY: '' }
  const opens = () => tasks('nobody', ['secrets:decrypt', 'secrets/db.yaml'], { env: asDora })
  expect((await opens()).stdout).toContain('hunter22')
  const { exitCode, stderr } = await tasks('bob', ['secrets:rotate', '--remove', 'dora', '--yes'])
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
  expect(await open('bob', 'secrets/db.yaml')).toContain('hunter22')
  expect((await opens()).exitCode).toBe(128)
  expect(read('.sops.yaml')).not.toContain(fp)
})

test('of key groups, the group of who left has to keep somebody', async () => {
  const { seal, tasks, open, write, recipient, state } = team(['alice', 'bob', 'carol'])
  const groups = [['alice', 'bob'], ['carol']].map(
    (names) => `      - age: [${names.map(recipient).join(', ')}]`,
  )
  write({
    '.sops.yaml': `creation_rules:\n  - path_regex: ^secrets/\n    key_groups:\n${groups.join('\n')}\n`,
  })
  await seal('secrets/db.yaml', db)
  const before = state()
  const refused = await tasks('alice', ['secrets:rotate', '--remove', 'carol', '--yes'])
  expect(refused.exitCode).toBe(1)
  expect(refused.stderr).toContain('one of its key groups would have no recipient left')
  expect(state()).toEqual(before)
  expect(await open('alice', 'secrets/db.yaml')).toBeUndefined()
})

test.each([
  [['--remove', 'alise'], 64, 'hint: did you mean alice?'],
  [['--remove', 'zoe'], 64, 'secrets/keys has alice, bob'],
  [['db', '--remove', 'alice'], 64, 'tasks secrets:updatekeys db'],
  [['--recipients', '--remove', 'alice'], 64, 'one after the other'],
  [['--add', `age1${'q'.repeat(58)}`], 1, 'cannot encrypt for age'],
  [['--add', 'AGE-SECRET-KEY-1ABC'], 64, 'this is a private key'],
  [['--remove', 'alice', '--remove', 'bob'], 1, 'nobody could open it any more'],
])('rotate %j ends with %i and changes nothing', async (args, code, text) => {
  const { seal, tasks, state } = team(['alice', 'bob'])
  await seal('secrets/db.yaml', db)
  const before = state()
  const { exitCode, stderr } = await tasks('alice', ['secrets:rotate', ...args, '--yes'])
  expect(exitCode).toBe(code)
  expect(stderr).toContain(text)
  expect(stderr).not.toContain('SECRET-KEY-1ABC')
  expect(state()).toEqual(before)
})

test('--recipients follows the rules, other values to encrypt included', async () => {
  const { seal, tasks, open, read, write, recipient } = team(['alice', 'bob'])
  await seal('secrets/db.yaml', db)
  write({ '.sops.yaml': rulesFor([recipient('alice')], "encrypted_regex: '^(password|metadata)$'") })
  const { exitCode } = await tasks('alice', ['secrets:rotate', 'db', '--recipients', '--yes'])
  expect(exitCode).toBe(0)
  expect(read('secrets/db.yaml')).toMatch(
    /name: ENC\[[^\n]*\nstringData:\n +password: ENC\[[^\n]*\n +user: app\n/,
  )
  expect(await open('alice', 'secrets/db.yaml')).toBe(db)
  expect(await open('bob', 'secrets/db.yaml')).toBeUndefined()
})

test('a file that cannot be written ends with 1 and is named; all others are whole', async () => {
  const { folder, env, seal, open, recipient, read } = team(['alice', 'bob'])
  await seal('secrets/a.yaml', db)
  await seal('secrets/locked/b.yaml', db)
  const isRoot = process.getuid?.() === 0
  const user = 65534
  if (isRoot)
    for (const path of ['.', 'secrets', 'secrets/a.yaml', 'secrets/keys'])
      chownSync(join(folder, path), user, user)
  chmodSync(join(folder, 'secrets/locked'), 0o555)
  const as = isRoot ? ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups'] : ['env']
  const argv = [...as, process.execPath, ...tasksWords(['secrets:rotate', '--yes'])]
  const ran = await run(argv[0]!, argv.slice(1), { cwd: folder, env: env('alice') })
  chmodSync(join(folder, 'secrets/locked'), 0o755)
  expect(ran.exitCode).toBe(1)
  expect(ran.stderr).toContain('secrets/locked/b.yaml: cannot be written')
  expect(await open('bob', 'secrets/a.yaml')).toBe(db)
  expect(await open('bob', 'secrets/locked/b.yaml')).toBe(db)
  expect(readdirSync(join(folder, 'secrets/locked'))).toEqual(['b.yaml'])
  expect(read('.sops.yaml')).toContain(recipient('alice'))
})

test('a file that somebody else writes after the plan is not written over', async () => {
  const { folder, seal, env, read, write } = team(['alice'])
  await seal('secrets/db.yaml', db)
  const keyring = createKeyring({ environment: env('alice'), publicKeys: [] })
  const project = { ...secretProject({ root: folder, output: { findings: () => {} } }), keyring }
  const rotation = { names: [], remove: [], add: [], followRules: false }
  const plan = await rotatePlan(rotation, { project })
  const moved = `# theirs\n${read('secrets/db.yaml')}`
  write({ 'secrets/db.yaml': moved })
  const [change] = plan.steps[0]!.waves[0]!.changes
  const progress = { say: () => {}, signal: new AbortController().signal }
  await expect(change!.run(progress)).rejects.toThrow('was changed by somebody else meanwhile')
  expect(read('secrets/db.yaml')).toBe(moved)
})

async function manyFiles({ folder, write }: Team, count: number): Promise<string[]> {
  const rules = await readRules(join(folder, '.sops.yaml'))
  const keyring = createKeyring({ environment: {}, publicKeys: [] })
  const paths = Array.from({ length: count }, (_, index) => `secrets/s${index}.yaml`)
  for (const [index, path] of paths.entries()) {
    const policy = rules.policyFor(join(folder, path))
    const clear = Buffer.from(secretText(`s${index}`, { password: `value-${index}` }))
    const sealing = { file: path, type: 'yaml' as const, policy, keyring, now: new Date() }
    write({ [path]: Buffer.from(await sealText(clear, sealing)).toString() })
  }
  expect(readFileSync(join(folder, paths[0]!), 'utf8')).toContain('ENC[')
  return paths
}
