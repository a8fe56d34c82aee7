import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { runTasks, temporaryFolder } from '../support/cli.ts'
import { freshAgeKey, noKeys, type Ran, runSops } from '../support/sops.ts'

/** What the functional tests of sops do with its command line, done with sops and with us. */
type Key = ReturnType<typeof freshAgeKey>
let mine: Key
let second: Key
let lost: Key
beforeAll(() => {
  ;[mine, second, lost] = [freshAgeKey(), freshAgeKey(), freshAgeKey()]
})

const environment = () => ({ ...noKeys, SOPS_AGE_KEY: `${mine.identity}\n${second.identity}` })

async function both(cwd: string, [verb, ...args]: string[], input = '') {
  const [ours, real] = await Promise.all([
    runTasks([`secrets:${verb}`, ...args], { cwd, input, env: environment() }),
    runSops([verb!, ...args], { cwd, input, env: environment() }),
  ])
  return { ours, real }
}

async function sopsReads(cwd: string, args: string[]): Promise<Ran> {
  return runSops(['decrypt', ...args], { cwd, env: environment() })
}

const groups = (...keys: (Key | undefined)[]) =>
  keys.map((key) => (key ? `{age: [${key.recipient}]}` : '{}')).join(', ')

describe('a file of sops’ functional tests comes back as sops brings it back', () => {
  const sections = `the_section:
  int: 123
  float: 1.23
  bool: true
  date: 2025-01-02
  timestamp: 2025-01-02 03:04:05
  utc_timestamp: 2025-01-02T03:04:05Z
  string: this is a string`
  test.each<[string, string, string, string[], string]>([
    ['JSON', 'a.json', '{"foo": 2, "bar": "baz"}', [], '{\n\t"foo": 2,\n\t"bar": "baz"\n}\n'],
    ['YAML', 'a.yaml', 'foo: 2\nbar: baz', [], 'foo: 2\nbar: baz\n'],
    [
      'times in YAML',
      'a.yaml',
      'a: 2024-01-01\nb: 2006-01-02T15:04:05+07:06',
      [],
      'a: 2024-01-01T00:00:00Z\nb: 2006-01-02T15:04:05+07:06\n',
    ],
    [
      'YAML as INI',
      'a.yaml',
      sections,
      ['--output-type', 'ini'],
      '[the_section]\nint           = 123\nfloat         = 1.23\nbool          = true\n' +
        'date          = 2025-01-02T00:00:00Z\ntimestamp     = 2025-01-02T03:04:05Z\n' +
        'utc_timestamp = 2025-01-02T03:04:05Z\nstring        = this is a string\n',
    ],
    ['any bytes', 'a.binary', '""{}this_is_binary_data', [], '""{}this_is_binary_data'],
    ['one value', 'a.yaml', 'multiline: |\n  multi\n  line', ['--extract', '["multiline"]'], 'multi\nline'],
  ])('%s', async (_, name, text, flags, expected) => {
    const folder = temporaryFolder({ [name]: text })
    const sealed = await runTasks(
      ['secrets:encrypt', '--age', mine.recipient, '--output', `x-${name}`, name],
      {
        cwd: folder,
        env: environment(),
      },
    )
    expect(sealed).toEqual({ exitCode: 0, stdout: '', stderr: '' })
    const { ours, real } = await both(folder, ['decrypt', ...flags, `x-${name}`])
    expect(ours).toEqual({ exitCode: 0, stdout: expected, stderr: '' })
    expect(real).toMatchObject({ exitCode: 0, stdout: expected })
  })
})

describe('key groups', () => {
  test.each<[string, () => string]>([
    ['none', () => '{}'],
    ['an empty list', () => '{key_groups: []}'],
    ['one without a key', () => `{key_groups: [${groups(undefined)}]}`],
    ['one with a key and one without', () => `{key_groups: [${groups(mine, undefined)}]}`],
    ['more needed than there are', () => `{shamir_threshold: 3, key_groups: [${groups(mine, second)}]}`],
    ['only one needed', () => `{shamir_threshold: 1, key_groups: [${groups(mine, second)}]}`],
    ['fewer than none needed', () => `{shamir_threshold: -1, key_groups: [${groups(mine, second)}]}`],
    ['a key that nobody has', () => `{pgp: ${'A'.repeat(40)}}`],
  ])('that nobody could open are refused, and the clear file stays: %s', async (_, rule) => {
    const folder = temporaryFolder({ '.sops.yaml': `creation_rules: [${rule()}]`, 'a.yaml': 'a: secret' })
    const { ours, real } = await both(folder, ['encrypt', '-i', 'a.yaml'])
    expect(real.exitCode).toBe(1)
    expect({ ...ours, stderr: '' }).toEqual({ exitCode: 1, stdout: '', stderr: '' })
    expect(ours.stderr).toMatch(/^error: a\.yaml: /)
    expect(ours.stderr).not.toContain('bug')
    expect(readFileSync(join(folder, 'a.yaml'), 'utf8')).toBe('a: secret')
  })

  test.each<[string, () => string, number]>([
    ['open with a key of each', () => groups(mine, second), 0],
    ['stay shut where a key is missing', () => groups(mine, lost), 128],
  ])('%s', async (_, keys, exitCode) => {
    const rules = `creation_rules: [{key_groups: [${keys()}]}]`
    const folder = temporaryFolder({ '.sops.yaml': rules, 'a.yaml': 'a: secret\n' })
    for (const [name, run] of Object.entries({ ours: runTasks, sops: runSops })) {
      mkdirSync(join(folder, name))
      copyFileSync(join(folder, 'a.yaml'), join(folder, name, 'a.yaml'))
      const verb = run === runTasks ? 'secrets:encrypt' : 'encrypt'
      const sealed = await run([verb, '-i', join(name, 'a.yaml')], { cwd: folder, env: environment() })
      expect(sealed.exitCode).toBe(0)
      const { ours, real } = await both(folder, ['decrypt', join(name, 'a.yaml')])
      expect([ours.exitCode, real.exitCode]).toEqual([exitCode, exitCode])
      expect([ours.stdout, real.stdout]).toEqual(exitCode === 0 ? ['a: secret\n', 'a: secret\n'] : ['', ''])
    }
  })
})

describe('secrets:set makes of a file what sops set makes of it', () => {
  const json = '{"a": 2, "b": "ba"}'
  const yaml = 'a: 2\nb: ba\n'
  test.each<[string, string, string, string, string]>([
    ['a map for a number', 'a.json', json, '["a"]', '{"aa": "aaa"}'],
    ['a new map', 'a.json', json, '["c"]', '{"cc": "ccc"}'],
    ['a map for a number', 'a.yaml', yaml, '["a"]', '{"aa": "aaa"}'],
    ['a new map', 'a.yaml', yaml, '["c"]', '{"cc": "ccc"}'],
    ['a text for a number', 'a.yaml', yaml, '["a"]', '"aaa"'],
  ])('%s in %s', async (_, name, text, path, value) => {
    const folder = temporaryFolder({ [name]: text })
    await runSops(['encrypt', '--age', mine.recipient, '-i', name], { cwd: folder, env: environment() })
    copyFileSync(join(folder, name), join(folder, `real-${name}`))
    const ours = await runTasks(['secrets:set', name, path, '--type', 'json'], {
      cwd: folder,
      input: value,
      env: environment(),
    })
    expect(ours).toMatchObject({ exitCode: 0, stdout: '' })
    const real = await runSops(['set', `real-${name}`, path, value], { cwd: folder, env: environment() })
    expect(real.exitCode).toBe(0)
    const [one, other] = await Promise.all([sopsReads(folder, [name]), sopsReads(folder, [`real-${name}`])])
    expect(one.exitCode).toBe(0)
    expect(one.stdout).toBe(other.stdout)
  })

  test('and writes nothing where nothing changes, or what is to go is not there', async () => {
    const folder = temporaryFolder({ 'a.json': json })
    await runSops(['encrypt', '--age', mine.recipient, '-i', 'a.json'], { cwd: folder, env: environment() })
    const before = readFileSync(join(folder, 'a.json'), 'utf8')
    const set = { cwd: folder, input: 'ba', env: environment() }
    expect(await runTasks(['secrets:set', 'a.json', 'b'], set)).toMatchObject({ exitCode: 0 })
    await runTasks(['secrets:set', 'a.json', 'none', '--unset'], set)
    expect(readFileSync(join(folder, 'a.json'), 'utf8')).toBe(before)
  })
})
