import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sopsOutput } from '../support/sops.ts'
import { operator } from './operator.ts'
import { secretText, team } from './team.ts'

const kubectlText = `apiVersion: v1
data:
  password: aHVudGVyMjI=
  raw: AP//AA==
  pem: LS0tLS1CRUdJTgpsaW5lCi0tLS0tRU5ECg==
kind: Secret
metadata:
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: '{"stringData":{"password":"hunter22"}}'
    team: web
  creationTimestamp: "2024-01-02T00:00:00Z"
  labels:
    app: db
    applyset.kubernetes.io/part-of: applyset-x-v1
  managedFields:
  - manager: kubectl
  name: db
  namespace: prod
  resourceVersion: "12"
  uid: 00000000-0000-0000-0000-000000000000
type: Opaque
`

test('the manifest of a Secret loses what only the cluster says of it, and texts become readable', async () => {
  const { tasks, open, write, folder } = team(['alice'])
  write({ 'old.yaml': kubectlText })
  const { exitCode, stdout, stderr } = await tasks('alice', ['secrets:import', 'old.yaml'])
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' })
  expect(await open('alice', 'secrets/db.yaml')).toBe(`apiVersion: v1
kind: Secret
metadata:
    name: db
    namespace: prod
    labels:
        app: db
    annotations:
        team: web
type: Opaque
data:
    raw: AP//AA==
stringData:
    password: hunter22
    pem: |
        -----BEGIN
        line
        -----END
`)
  expect(stderr).toContain('secrets/db.yaml is written, encrypted: Secret db of type Opaque')
  expect(stderr).toContain('warning: old.yaml: still lies there in clear')
  expect(stderr).not.toMatch(/hunter22|aHVudGVyMjI/)
  expect(readFileSync(join(folder, 'secrets/db.yaml'), 'utf8')).not.toMatch(/hunter22|aHVudGVyMjI|AP\/\//)
})

test('--delete-source deletes the clear file, after the secret was written', async () => {
  const { tasks, open, write, folder } = team(['alice'])
  write({ 'old.yaml': kubectlText })
  await tasks('alice', ['secrets:import', 'old.yaml', '--delete-source', '--dry-run'])
  expect(existsSync(join(folder, 'old.yaml'))).toBe(true)
  const { stderr } = await tasks('alice', [
    'secrets:import',
    'old.yaml',
    '--name',
    'other',
    '--delete-source',
  ])
  expect(stderr).not.toContain('warning')
  expect(existsSync(join(folder, 'old.yaml'))).toBe(false)
  expect(await open('alice', 'secrets/other.yaml')).toContain('name: other\n')
})

describe('any other file becomes a Secret', () => {
  test.each([
    ['app.env', "# c\nA=1\nexport B=x=y\nQ='q'\n", { A: '1', B: 'x=y', Q: "'q'" }],
    ['app.json', '{"A": "0123", "b": true, "c": 1e3}', { A: '0123', b: 'true', c: '1e3' }],
    ['app.yaml', 'A: 0123\nB: yes\n', { A: '0123', B: 'yes' }],
    ['values.yaml', 'a:\n  b: 1\n', { 'values.yaml': 'a:\n  b: 1\n' }],
    ['id.pem', '-----BEGIN\n', { 'id.pem': '-----BEGIN\n' }],
    ['list.json', '[1]', { 'list.json': '[1]' }],
  ])('%s', async (file, text, values) => {
    const { tasks, write, env, folder } = team(['alice'])
    write({ [file]: text })
    const { exitCode, stderr } = await tasks('alice', ['secrets:import', file])
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
    const name = file.replace(/\.\w+$/, '')
    const args = ['decrypt', '--output-type', 'json', `secrets/${name}.yaml`]
    const clear = JSON.parse((await sopsOutput(args, { cwd: folder, env: env('alice') })).toString())
    expect(clear).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name },
      type: 'Opaque',
      stringData: values,
    })
  })
})

test('--kind file encrypts the file as it is', async () => {
  const { tasks, open, write, read } = team(['alice'])
  write({ 'app.env': '# why\nA=1\n', 'some.bin': 'bytes' })
  await tasks('alice', ['secrets:import', 'app.env', '--kind', 'file'])
  await tasks('alice', ['secrets:import', 'some.bin', '--kind', 'file', '--name', 'team/blob'])
  expect(await open('alice', 'secrets/app.env')).toBe('# why\nA=1\n')
  expect(await open('alice', 'secrets/team/blob.bin')).toBe('bytes')
  expect(read('secrets/app.env')).toMatch(/^#ENC\[.*\nA=ENC\[/)
})

describe('a file that is there', () => {
  const before = secretText('db', { password: 'hunter22', user: 'app' })

  test('is never written over', async () => {
    const { tasks, seal, write, state } = team(['alice'])
    await seal('secrets/db.yaml', before)
    write({ 'db.yaml': before })
    const sealed = state()
    const { exitCode, stderr } = await tasks('alice', ['secrets:import', 'db.yaml'])
    expect(exitCode).toBe(1)
    expect(stderr).toContain('secrets/db.yaml exists already: nothing was changed')
    expect(stderr).toContain('--force')
    expect(state()).toEqual(sealed)
  })

  test('keeps its layout and the ciphertexts of what is the same with --force', async () => {
    const { tasks, open, write, read, state } = team(['alice'])
    const laidOut = `# ours\nkind: Secret\nmetadata:\n  name: db\napiVersion: v1\ntype: Opaque\n\nstringData:\n  user: app # who\n  password: hunter22\n`
    write({ 'secrets/db.yml': laidOut })
    await tasks('alice', ['secrets:encrypt', '--in-place', '--keep-format', 'secrets/db.yml'])
    const sealed = read('secrets/db.yml')
    const same = state()
    write({ 'db.env': 'password=hunter22\nuser=app\n' })
    const unchanged = await tasks('alice', ['secrets:import', 'db.env', '--force'])
    expect(unchanged.stderr).toContain('holds all of it already: nothing was written')
    expect(state()).toEqual(same)
    write({ 'db.env': 'password=changed\nuser=app\n' })
    expect((await tasks('alice', ['secrets:import', 'db.env', '--force'])).exitCode).toBe(0)
    const lines = (text: string) => text.split('\n')
    const differing = lines(read('secrets/db.yml')).filter((line) => !lines(sealed).includes(line))
    // Within one second the time stays the same.
    const keys = differing.map((line) => line.trim().split(':')[0]).filter((key) => key !== 'lastmodified')
    expect(keys.sort()).toEqual(['mac', 'password'])
    expect(await open('alice', 'secrets/db.yml')).toContain('password: changed')
  })

  test('keeps the ciphertexts of what is the same where keys come and go', async () => {
    const { tasks, seal, open, write, read } = team(['alice'])
    await seal('secrets/db.yaml', before)
    const ciphertext = read('secrets/db.yaml').match(/password: (ENC\[[^\]]+\])/)![1]!
    write({ 'db.env': 'password=hunter22\nport=1\n' })
    expect((await tasks('alice', ['secrets:import', 'db.env', '--force'])).exitCode).toBe(0)
    expect(read('secrets/db.yaml')).toContain(ciphertext)
    expect(await open('alice', 'secrets/db.yaml')).toMatch(/password: hunter22\n {4}port: "1"\n/)
  })
})

test('for somebody who has nothing yet it makes a key, as secrets:new does', async () => {
  const { tasks, sops } = operator({ 'app.env': 'A=1\n' })
  const { exitCode, stderr } = await tasks(['secrets:import', 'app.env'])
  expect(exitCode).toBe(0)
  expect(stderr).toContain('there was no key yet')
  expect(await sops('secrets/app.yaml')).toContain('A: "1"')
})

test.each([
  ['nothing to import', {}, [], 64, 'FILE, or --from-cluster'],
  ['two sources', { a: '1' }, ['a', '--from-cluster', 'b/c'], 64, 'two sources'],
  ['a file that is not there', {}, ['gone.env'], 1, 'gone.env: is not there'],
  ['several objects', { 'a.yaml': `${kubectlText}---\n${kubectlText}` }, ['a.yaml'], 1, 'holds 2 objects'],
  [
    'a file of sops',
    { 'a.yaml': 'a: ENC[AES256_GCM,data:x]\nsops:\n    mac: x\n' },
    ['a.yaml'],
    1,
    'encrypted already',
  ],
  [
    'a file in secrets/',
    { 'secrets/a.yaml': 'a: 1\n' },
    ['secrets/a.yaml'],
    1,
    'encrypt --in-place secrets/a.yaml',
  ],
  [
    'no base64',
    { 'a.yaml': kubectlText.replace('aHVudGVyMjI=', 'hunter22!') },
    ['a.yaml'],
    1,
    'data.password is not base64',
  ],
  [
    'a token',
    { 'a.yaml': kubectlText.replace('Opaque', 'kubernetes.io/service-account-token') },
    ['a.yaml'],
    1,
    'is not for a file',
  ],
  ['a bad key', { 'a.env': 'a/b=hunter22\n' }, ['a.env'], 64, 'did you mean a-b?'],
  ['a bad line', { 'a.env': 'hunter22\n' }, ['a.env'], 1, 'a.env:1: this line is not KEY=VALUE'],
  ['a bad name', { A_B: 'hunter22\n' }, ['A_B', '--name', 'A_B'], 64, 'secrets:import FILE --name a-b'],
])('%s changes nothing', async (_, files, args, code, text) => {
  const { tasks, write, state } = team(['alice'])
  write(files as Record<string, string>)
  const before = state()
  const { exitCode, stderr } = await tasks('alice', ['secrets:import', ...args])
  expect(exitCode).toBe(code)
  expect(stderr).toContain(text)
  expect(stderr).not.toContain('hunter22')
  expect(state()).toEqual(before)
})
