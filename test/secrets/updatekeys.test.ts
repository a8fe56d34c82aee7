import { expect, test } from 'vitest'
import { replaceIn, rulesFor, secretText, team } from './team.ts'

const db = secretText('db', { password: 'hunter22', user: 'app' })

test('a newcomer is added: data key, values, MAC and time stay, and a second run writes nothing', async () => {
  const { seal, tasks, open, read, write, recipient, state } = team(['alice', 'bob'])
  write({ '.sops.yaml': rulesFor([recipient('alice')]) })
  await seal('secrets/db.yaml', db)
  await seal('secrets/deep/app.env', 'TOKEN=t1\n')
  const before = read('secrets/db.yaml')
  write({ '.sops.yaml': rulesFor([recipient('alice'), recipient('bob')]) })
  expect(await open('bob', 'secrets/db.yaml')).toBeUndefined()

  const { exitCode, stderr } = await tasks('alice', ['secrets:updatekeys', '--yes'])
  expect(stderr).toContain('~ wrap the data key of secrets/db.yaml for its recipients')
  expect(stderr).toContain('+ bob')
  expect(exitCode).toBe(0)
  for (const name of ['alice', 'bob']) {
    expect(await open(name, 'secrets/db.yaml')).toBe(db)
    expect(await open(name, 'secrets/deep/app.env')).toBe('TOKEN=t1\n')
  }
  const after = read('secrets/db.yaml')
  const same = (pattern: RegExp) => expect(after.match(pattern)).toEqual(before.match(pattern))
  same(/^ +(password|user): .*$/gm)
  same(/^ +(mac|lastmodified): .*$/gm)
  same(/-----BEGIN[^-]+-----END/) // alice's own, the first
  const done = state()
  const again = await tasks('alice', ['secrets:updatekeys', '--yes'])
  expect(again.exitCode).toBe(0)
  expect(again.stderr).toContain('nothing to do: 2 objects as wanted')
  expect(state()).toEqual(done)
})

test('whoever is taken out can read nothing with the old data key either', async () => {
  const { seal, tasks, open, read, write, recipient } = team(['alice', 'bob'])
  await seal('secrets/db.yaml', db)
  const before = read('secrets/db.yaml')
  write({ '.sops.yaml': rulesFor([recipient('alice')]) })
  const { exitCode, stderr } = await tasks('alice', ['secrets:updatekeys', 'db', '--yes'])
  expect(stderr).toContain('~ renew the data key of secrets/db.yaml')
  expect(stderr).toContain('- bob')
  expect(exitCode).toBe(0)
  expect(await open('bob', 'secrets/db.yaml')).toBeUndefined()
  expect(await open('alice', 'secrets/db.yaml')).toBe(db)
  // The values of the new file under the recipients of the old one: the old data key opens none of them.
  const values = read('secrets/db.yaml').split(/^sops:/m)[0]!
  const recipients = before.split(/^sops:/m)[1]!
  write({ 'secrets/mixed.yaml': `${values}sops:${recipients}` })
  expect(await open('bob', 'secrets/mixed.yaml')).toBeUndefined()
  const mixed = await tasks('bob', ['secrets:decrypt', '--ignore-mac', 'secrets/mixed.yaml'])
  expect(mixed.exitCode).toBe(25)
})

test('key groups are followed in both directions, threshold included', async () => {
  const { seal, tasks, open, write, recipient } = team(['alice', 'bob', 'carol'])
  await seal('secrets/db.yaml', db)
  const groups = ['alice', 'bob', 'carol'].map((name) => `      - age: [${recipient(name)}]`)
  write({
    '.sops.yaml': `creation_rules:\n  - path_regex: ^secrets/\n    shamir_threshold: 2\n    key_groups:\n${groups.join('\n')}\n`,
  })
  const planned = await tasks('alice', ['secrets:updatekeys', '--dry-run'])
  expect(planned.stdout).toContain('+ 2 of 3 key groups are needed')
  expect(planned.stdout).toContain('renew the data key')
  expect((await tasks('alice', ['secrets:updatekeys', '--yes'])).exitCode).toBe(0)
  expect(await open('alice', 'secrets/db.yaml')).toBeUndefined()
  const again = await tasks('alice', ['secrets:updatekeys', '--yes'])
  expect(again.stderr).toContain('nothing to do')
  write({ '.sops.yaml': rulesFor([recipient('bob')]) })
  const alone = await tasks('bob', ['secrets:updatekeys', '--yes'])
  expect(alone.exitCode).toBe(1)
  expect(alone.stderr).toContain('1 of 2 key groups that are needed are at hand')
})

test('one file that does not open, and nothing is written at all', async () => {
  const { seal, tasks, write, recipient, state } = team(['alice', 'bob'])
  await seal('secrets/a.yaml', db)
  write({ '.sops.yaml': rulesFor([recipient('bob')]) })
  await seal('secrets/bobs.yaml', db)
  write({ '.sops.yaml': rulesFor([recipient('alice'), recipient('bob')].reverse()) })
  await seal('secrets/right.yaml', db)
  const before = state()
  const { exitCode, stderr } = await tasks('alice', ['secrets:updatekeys', '--yes'])
  expect({ exitCode }).toEqual({ exitCode: 1 })
  expect(stderr).toContain('secrets/bobs.yaml')
  expect(stderr).toContain('cannot be opened')
  expect(state()).toEqual(before)
})

test('a recipient that is mistyped is found before anything is written', async () => {
  const { seal, tasks, write, recipient, state } = team(['alice'])
  await seal('secrets/a.yaml', db)
  const alice = recipient('alice')
  const mistyped = alice.slice(0, -1) + (alice.endsWith('q') ? 'p' : 'q')
  write({ '.sops.yaml': rulesFor([alice, mistyped]) })
  const before = state()
  const { exitCode, stderr } = await tasks('alice', ['secrets:updatekeys', '--yes'])
  expect(exitCode).toBe(1)
  expect(stderr).toContain('error: secrets/a.yaml: cannot encrypt for age')
  expect(state()).toEqual(before)
})

test('a file that is not encrypted is told of, and refused where it was named', async () => {
  const { tasks, write, seal } = team(['alice'])
  await seal('secrets/a.yaml', db)
  write({ 'secrets/clear.yaml': db })
  const all = await tasks('alice', ['secrets:updatekeys'])
  expect(all).toMatchObject({ exitCode: 0 })
  expect(all.stderr).toContain('warning: secrets/clear.yaml: is not encrypted')
  const named = await tasks('alice', ['secrets:updatekeys', 'clear'])
  expect(named.exitCode).toBe(1)
  expect(named.stderr).toContain('hint: tasks secrets:encrypt --in-place secrets/clear.yaml')
})

test('a file whose values were changed by hand is not given a good MAC', async () => {
  const { folder, seal, tasks, write, recipient, state } = team(['alice', 'bob'])
  await seal('secrets/a.yaml', db)
  replaceIn(folder, 'secrets/a.yaml', ['name: db', 'name: evil'])
  write({ '.sops.yaml': rulesFor([recipient('alice')]) })
  const before = state()
  const { exitCode, stderr } = await tasks('alice', ['secrets:updatekeys', '--yes'])
  expect(exitCode).toBe(1)
  expect(stderr).toContain('its MAC does not agree')
  expect(state()).toEqual(before)
})

test('the rest of .sops.yaml counts too: other values to encrypt are told of, not changed in passing', async () => {
  const { seal, tasks, write, recipient } = team(['alice'])
  await seal('secrets/a.yaml', db)
  write({ '.sops.yaml': rulesFor([recipient('alice')], 'encrypted_regex: ^x$') })
  const { exitCode, stderr } = await tasks('alice', ['secrets:updatekeys'])
  expect(exitCode).toBe(0)
  expect(stderr).toContain('tasks secrets:rotate secrets/a.yaml --recipients')
})
