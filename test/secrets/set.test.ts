import { statSync, symlinkSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { writeFiles } from '../support/cli.ts'
import { dbSecret, keeper } from './keeper.ts'

const mac = '    mac: ENC'

describe('tasks secrets:set', () => {
  test('changes a value, the MAC and the time, and nothing else in the file', async () => {
    const { tasks, read, diff, sops } = await keeper({ 'secrets/db.yaml': dbSecret })
    const before = read('secrets/db.yaml')
    const { exitCode, stdout, stderr } = await tasks(['secrets:set', 'db', 'password'], {
      input: 'correct horse\n',
    })
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' })
    expect(stderr).toBe(
      'secrets/db.yaml is written: changed stringData.password\nnext: tasks secrets:apply db\n',
    )
    expect(diff('secrets/db.yaml', before)).toEqual({
      added: ['    password: ENC', mac],
      removed: ['    password: ENC', mac],
    })
    expect(await sops('secrets/db.yaml')).toBe(dbSecret.replace('hunter22', 'correct horse'))
  })

  test('adds a key to stringData, and encodes one for data', async () => {
    const { tasks, read, diff, sops } = await keeper({ 'secrets/db.yml': dbSecret })
    const before = read('secrets/db.yml')
    expect((await tasks(['secrets:set', 'db', 'token', '--generate', '32'])).exitCode).toBe(0)
    expect(diff('secrets/db.yml', before).added).toEqual(['    token: ENC', mac])
    expect((await tasks(['secrets:set', 'db', 'ca'], { input: 'other' })).exitCode).toBe(0)
    expect((await tasks(['secrets:set', 'db', 'data.raw', '--raw'], { input: 'eA==' })).exitCode).toBe(0)
    const clear = await sops('secrets/db.yml')
    expect(clear).toMatch(/ {4}user: admin\n {4}token: \w{32}\n$/)
    expect(clear).toContain(`data:\n    ca: ${btoa('other')}\n    raw: eA==\nstringData:`)
  })

  test('takes a key away; what is not there already changes nothing', async () => {
    const { tasks, read, diff } = await keeper({ 'secrets/db.yaml': dbSecret })
    const before = read('secrets/db.yaml')
    expect((await tasks(['secrets:set', 'db', 'stringData.user', '--unset'])).exitCode).toBe(0)
    expect(diff('secrets/db.yaml', before)).toEqual({ added: [mac], removed: ['    user: ENC', mac] })
    const after = read('secrets/db.yaml')
    const again = await tasks(['secrets:set', 'db', 'usr', '--unset'])
    expect(again.exitCode).toBe(0)
    expect(again.stderr).toContain('has no usr: there is nothing to take away')
    expect(read('secrets/db.yaml')).toBe(after)
  })

  test('writes nothing where the value is there already, or where it is only rehearsed', async () => {
    const { tasks, read, project } = await keeper({ 'secrets/db.yaml': dbSecret })
    const before = read('secrets/db.yaml')
    const { mtimeMs, ino } = statSync(join(project, 'secrets/db.yaml'))
    const same = await tasks(['secrets:set', 'db', 'password'], { input: 'hunter22\n' })
    expect(same.stderr).toBe('secrets/db.yaml is as it was: nothing to change\n')
    const dry = await tasks(['secrets:set', 'db', 'password', '--dry-run'], { input: 'other' })
    expect(dry.stderr).toBe('secrets/db.yaml would be written: changed stringData.password\n')
    expect(read('secrets/db.yaml')).toBe(before)
    expect(statSync(join(project, 'secrets/db.yaml'))).toMatchObject({ mtimeMs, ino })
  })

  test('asks unseen on a terminal', async () => {
    const { types, sops } = await keeper({ 'secrets/db.yaml': dbSecret })
    const answers: [string, string][] = [['new value of password:', 'typed unseen']]
    const { exitCode, stdout } = await types(['secrets:set', 'db', 'password'], answers)
    expect(exitCode).toBe(0)
    expect(stdout).not.toContain('typed unseen')
    expect(await sops('secrets/db.yaml')).toContain('password: typed unseen\n')
  })

  test('without a terminal and without a value it ends with 64 and says what gives one', async () => {
    const { tasks, read } = await keeper({ 'secrets/db.yaml': dbSecret })
    const before = read('secrets/db.yaml')
    const { exitCode, stderr } = await tasks(['secrets:set', 'db', 'password'])
    expect(exitCode).toBe(64)
    expect(stderr).toContain('the value of password is missing')
    expect(stderr).toContain('--generate password, or --from-file FILE')
    expect(read('secrets/db.yaml')).toBe(before)
  })

  test('refuses to add a value that the rules of the file would leave in clear', async () => {
    const { tasks, read, sops } = await keeper({ 'secrets/db.yaml': dbSecret })
    const before = read('secrets/db.yaml')
    const add = ['secrets:set', 'db', 'metadata.labels.app']
    const { exitCode, stderr } = await tasks(add, { input: 'precious' })
    expect(exitCode).toBe(1)
    expect(stderr).toContain('metadata.labels.app would not be encrypted: encrypted_regex of the file is')
    expect(stderr).not.toContain('precious')
    expect(read('secrets/db.yaml')).toBe(before)
    expect((await tasks([...add, '--clear'], { input: 'web' })).exitCode).toBe(0)
    expect(await sops('secrets/db.yaml')).toContain('namespace: web\n    labels:\n        app: web\n')
  })

  test('refuses what the API server would, and never shows it', async () => {
    const { tasks, read } = await keeper({ 'secrets/db.yaml': dbSecret })
    const before = read('secrets/db.yaml')
    const { exitCode, stderr } = await tasks(['secrets:set', 'db', 'data.ca', '--raw'], {
      input: 'not-base64!',
    })
    expect(exitCode).toBe(1)
    expect(stderr).toContain('expected base64')
    expect(stderr).not.toContain('not-base64!')
    expect(read('secrets/db.yaml')).toBe(before)
    expect((await tasks(['secrets:set', 'db', 'a b'], { input: 'x' })).stderr).toContain('did you mean a-b?')
    const large = await tasks(['secrets:set', 'db', 'large'], { input: 'x'.repeat(1024 * 1024) })
    expect(large.stderr).toContain('more than the 1048576 that the API server takes')
  })

  test.each([
    ['secrets/a.env', '# x\nA=1\nB=2\n', 'B', '# x\nA=1\nB=new value\n'],
    [
      'secrets/a.json',
      '{\n\t"a": {\n\t\t"b": "x"\n\t}\n}\n',
      'a.c',
      '{\n\t"a": {\n\t\t"b": "x",\n\t\t"c": "new value"\n\t}\n}\n',
    ],
    ['secrets/a.ini', '[s]\na = 1\n', 's.b', '[s]\na = 1\nb = new value\n'],
    ['secrets/a.txt', 'any text\n', 'data', 'new value'],
  ])('sets a value of %s, which the real sops reads', async (path, clear, name, after) => {
    const { tasks, sops } = await keeper({ [path]: clear })
    const { exitCode, stderr } = await tasks(['secrets:set', path, name], { input: 'new value\n' })
    expect(stderr).not.toContain('laid out anew')
    expect(exitCode).toBe(0)
    expect(await sops(path)).toBe(after)
  })

  test('a number stays a number for the real sops, without an exponent or a point', async () => {
    const { tasks, sops } = await keeper({ 'secrets/v.json': '{"port": 1, "big": 2}' })
    expect((await tasks(['secrets:set', 'v', 'big'], { input: '9007199254740993' })).exitCode).toBe(0)
    expect((await tasks(['secrets:set', 'v', 'port'], { input: 'x' })).exitCode).toBe(64)
    expect(JSON.stringify(await sops('secrets/v.json'))).toContain('9007199254740993')
  })

  test('a map is replaced only by what says that it is one', async () => {
    const { tasks, read, sops } = await keeper({ 'secrets/v.yaml': 'stringData: {a: 1}\nb: 2\n' })
    const before = read('secrets/v.yaml')
    const { exitCode, stderr } = await tasks(['secrets:set', 'v', 'stringData'], { input: 'x' })
    expect({ exitCode, text: read('secrets/v.yaml') }).toEqual({ exitCode: 1, text: before })
    expect(stderr).toContain('stringData is a map\nhint: name a value in it')
    const all = ['secrets:set', 'v', 'stringData', '--type', 'json']
    expect((await tasks(all, { input: '{"k": 1}' })).exitCode).toBe(0)
    expect(await sops('secrets/v.yaml')).toBe('stringData:\n    k: 1\nb: 2\n')
  })

  test('of several at the same time none is lost without a word', async () => {
    const { tasks, sops } = await keeper({ 'secrets/db.yaml': dbSecret })
    const keys = ['k1', 'k2', 'k3', 'k4']
    const all = await Promise.all(keys.map((key) => tasks(['secrets:set', 'db', key], { input: key })))
    expect(all.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0])
    const clear = await sops('secrets/db.yaml')
    expect(keys.filter((key) => !clear.includes(`    ${key}: ${key}\n`))).toEqual([])
  })

  test('is not held up by the lock of a run that was killed', async () => {
    const { tasks, project, files } = await keeper({ 'secrets/db.yaml': dbSecret })
    writeFiles(project, { 'secrets/.db.yaml.lock': '' })
    utimesSync(join(project, 'secrets/.db.yaml.lock'), 0, 0)
    expect((await tasks(['secrets:set', 'db', 'k'], { input: 'v' })).exitCode).toBe(0)
    expect(files().filter((path) => path.endsWith('.lock'))).toEqual([])
  })

  test('reads bytes of a file, and follows a link to the secret file', async () => {
    const { tasks, project, sops } = await keeper({ 'secrets/db.yaml': dbSecret })
    writeFiles(project, { 'ca.crt': 'one\ntwo\n' })
    symlinkSync('db.yaml', join(project, 'secrets/link.yaml'))
    expect((await tasks(['secrets:set', 'link', 'ca.crt', '--from-file', 'ca.crt'])).exitCode).toBe(0)
    expect(await sops('secrets/db.yaml')).toContain('    ca.crt: |\n        one\n        two\n')
  })
})

describe('tasks secrets:get', () => {
  test('prints a value to the byte, decoded where data of a Secret holds it', async () => {
    const { tasks } = await keeper({ 'secrets/db.yaml': dbSecret })
    const get = async (...args: string[]) => (await tasks(['secrets:get', 'db', ...args])).stdout
    expect(await get('password')).toBe('hunter22')
    expect(await get('["stringData"]["password"]')).toBe('hunter22')
    expect(await get('data.ca')).toBe('cert')
    expect(await get('ca', '--raw')).toBe('Y2VydA==')
    expect(await get('metadata')).toBe('name: db\nnamespace: web\n')
  })

  test('without a path it lists names and no value, on a terminal with what is encrypted', async () => {
    const { tasks, types } = await keeper({ 'secrets/db.yaml': dbSecret })
    const names = ['metadata.name', 'metadata.namespace', 'data.ca', 'stringData.password', 'stringData.user']
    expect((await tasks(['secrets:get', 'db'])).stdout).toBe(['apiVersion', 'kind', ...names, ''].join('\n'))
    const { stdout } = await types(['secrets:get', 'db'], [])
    expect(stdout).toContain('stringData.password  ***')
    expect(stdout).toContain('metadata.name        not encrypted')
    expect(stdout).not.toContain('hunter22')
    const value = await tasks(['secrets:get', 'db', 'password', '--json'])
    expect(JSON.parse(value.stdout)).toEqual({ file: 'secrets/db.yaml', value: 'hunter22' })
    const json = JSON.parse((await tasks(['secrets:get', 'db', '--json'])).stdout)
    expect(json.keys).toContainEqual({ name: 'data.ca', encrypted: true })
  })

  test('answers a wrong name with the right one', async () => {
    const { tasks } = await keeper({ 'secrets/db.yaml': dbSecret })
    const wrong = await tasks(['secrets:get', 'db', 'pasword'])
    expect({ exitCode: wrong.exitCode, stdout: wrong.stdout }).toEqual({ exitCode: 1, stdout: '' })
    expect(wrong.stderr).toContain('did you mean stringData.password?')
    expect((await tasks(['secrets:get', 'bd', 'x'])).stderr).toContain('did you mean db?')
  })

  test('tells documents of one file apart', async () => {
    const { tasks } = await keeper({
      'secrets/two.yaml': `${dbSecret}---\n${dbSecret.replace('hunter22', 'second')}`,
    })
    expect((await tasks(['secrets:get', 'two', '2:password'])).stdout).toBe('second')
    const { stderr } = await tasks(['secrets:get', 'two', 'password'])
    expect(stderr).toContain('password is 2 values: 1:stringData.password, 2:stringData.password')
  })
})
