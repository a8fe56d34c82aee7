import { afterAll, expect, test } from 'vitest'
import { atTime, gpgHome, makeKey } from '../support/gpg.ts'
import { replaceIn, rulesFor, secretText, team } from './team.ts'

const db = secretText('db', { password: 'hunter22' })
const pgp = await gpgHome()
afterAll(() => pgp.remove())

test('every file stands in one line: kind, readers by name, age, whether you can, and what the rules say', async () => {
  const { folder, seal, tasks, write, recipient } = team(['alice', 'bob', 'carol'])
  write({ '.sops.yaml': rulesFor([recipient('alice'), recipient('carol')]) })
  await seal('secrets/db.yaml', db)
  await seal('secrets/team/app.env', 'A=1\n')
  write({ '.sops.yaml': rulesFor([recipient('alice'), recipient('bob')]) })
  await seal('secrets/ok.json', '{"a": 1}\n')
  replaceIn(folder, 'secrets/ok.json', [/"lastmodified": "[^"]+"/, '"lastmodified": "2020-01-02T00:00:00Z"'])
  const { exitCode, stdout } = await tasks('bob', ['secrets:list'])
  expect(exitCode).toBe(0)
  const drift = 'carol should not read it; bob cannot read it yet'
  expect(stdout.replaceAll(/\d{4}-\d\d-\d\d, \d+ d ago/g, 'DATE').replaceAll(/ +/g, ' ')).toBe(
    [
      'FILE KIND CAN BE READ BY CHANGED BY YOU BY .SOPS.YAML',
      `secrets/db.yaml Secret alice, carol DATE no ${drift}`,
      'secrets/ok.json json alice, bob DATE yes as it says',
      `secrets/team/app.env dotenv alice, carol DATE no ${drift}`,
      '',
    ].join('\n'),
  )
  expect(stdout).toMatch(/ok\.json .* 2020-01-02, \d{4,} d ago/)
})

test('without any key it says the same, as data too', async () => {
  const { seal, tasks, recipient, write } = team(['alice'])
  await seal('secrets/db.yaml', db)
  write({ 'secrets/keys/alice.age': '# nobody\n' })
  const { exitCode, stdout } = await tasks('nobody', ['secrets:list', '--json'])
  expect(exitCode).toBe(0)
  const { files, others, findings } = JSON.parse(stdout)
  expect(files).toMatchObject([
    {
      file: 'secrets/db.yaml',
      kind: 'Secret',
      type: 'yaml',
      ageDays: 0,
      recipients: [{ type: 'age', id: recipient('alice') }],
      opens: 'no',
      ruled: true,
    },
  ])
  expect(files[0]).not.toHaveProperty('drift')
  expect(others).toEqual([])
  expect(findings).toMatchObject([{ message: 'holds no recipient' }])
  const text = await tasks('nobody', ['secrets:list'])
  expect(text.stdout).toContain(`age ${recipient('alice').slice(0, 12)}…${recipient('alice').slice(-6)}`)
})

test('clear files, damaged ones and wrong MACs are told of; --check ends with 1', async () => {
  const { folder, seal, tasks, write } = team(['alice'])
  const configMap = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n    name: c\ndata:\n    a: b\n'
  write({ 'secrets/config.yaml': configMap, 'secrets/README.md': 'how to\n' })
  await seal('secrets/db.yaml', db)
  expect(await tasks('alice', ['secrets:list', '--check'])).toMatchObject({ exitCode: 0, stderr: '' })
  await seal('secrets/wrong.yaml', db)
  replaceIn(folder, 'secrets/wrong.yaml', ['name: db', 'name: evil'])
  await seal('secrets/damaged.yaml', db)
  replaceIn(folder, 'secrets/damaged.yaml', [/^ {4}lastmodified:.*\n/m, ''])
  write({ 'secrets/clear.yaml': db, 'secrets/clear.txt': 'hunter22' })
  const { exitCode, stdout, stderr } = await tasks('alice', ['secrets:list'])
  expect(exitCode).toBe(0)
  expect(stdout).toMatch(/secrets\/clear\.txt +CLEAR TEXT\n/)
  expect(stdout).toMatch(/secrets\/damaged\.yaml +DAMAGED\n/)
  expect(stderr).toContain('error: secrets/clear.yaml: is not encrypted')
  expect(stderr).toContain('hint: tasks secrets:encrypt --in-place secrets/clear.yaml')
  expect(stderr).not.toContain('secrets/wrong.yaml')
  const checked = await tasks('alice', ['secrets:list', '--check'])
  expect(checked.exitCode).toBe(1)
  expect(checked.stderr).toContain('error: secrets/wrong.yaml: was changed by hand: its MAC does not agree')
  expect(stderr + checked.stderr).not.toContain('hunter22')
})

test('without a key --check says what it could not check, and is content', async () => {
  const { seal, tasks } = team(['alice'])
  await seal('secrets/db.yaml', db)
  const { exitCode, stderr } = await tasks('nobody', ['secrets:list', '--check'])
  expect(exitCode).toBe(0)
  expect(stderr).toContain('note: secrets/db.yaml: was not checked: none of its keys is at hand')
})

test('key groups are shown with how many of them are needed', async () => {
  const { seal, tasks, write, recipient } = team(['alice', 'bob', 'carol'])
  const groups = [['alice', 'bob'], ['carol'], ['bob']].map(
    (names) => `      - age: [${names.map(recipient).join(', ')}]\n`,
  )
  write({
    '.sops.yaml': `creation_rules:\n  - path_regex: ^secrets/\n    shamir_threshold: 2\n    key_groups:\n${groups.join('')}`,
  })
  await seal('secrets/db.yaml', db)
  const { stdout } = await tasks('bob', ['secrets:list'])
  expect(stdout).toMatch(/ 2 of: alice or bob; carol; bob +\S+, 0 d ago +yes +as it says/)
  expect((await tasks('carol', ['secrets:list'])).stdout).toMatch(/ago +no +as it says/)
})

test('a PGP key that has expired is told of; gpg says whether you can open its files', async () => {
  const { tasks, write, recipient } = team(['alice'])
  const fp = makeKey(pgp, { name: 'dora' })
  const old = makeKey(pgp, { name: 'olga', at: '20200102T000000', expires: '2020-06-01' })
  const exported = (key: string) => pgp.gpg([...atTime('20200103T000000'), '--armor', '--export', key])
  write({
    'secrets/keys/dora.asc': exported(fp).toString(),
    'secrets/keys/olga.asc': exported(old).toString(),
    '.sops.yaml': `creation_rules:\n- age: ${recipient('alice')}\n  pgp: ${fp}\n`,
    'secrets/db.yaml': db,
  })
  expect((await tasks('alice', ['secrets:encrypt', '-i', 'secrets/db.yaml'])).exitCode).toBe(0)
  const { stdout, stderr } = await tasks('nobody', ['secrets:list'], { env: pgp.environment })
  expect(stdout).toMatch(/secrets\/db\.yaml .*alice, dora .* ago +yes +as it says/)
  expect(stderr).toContain('warning: secrets/keys/olga.asc: the key expired on 2020-06-01')
  expect((await tasks('nobody', ['secrets:list'])).stdout).toMatch(/ago +no +as it says/)
})

test('a project without secrets is told how to make one', async () => {
  const { tasks } = team([])
  expect(await tasks('nobody', ['secrets:list'])).toMatchObject({
    exitCode: 0,
    stdout: '',
    stderr: 'next: tasks secrets:new keyname\n',
  })
})
