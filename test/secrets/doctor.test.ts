import { chmodSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Check, Section } from '../../tasks/lib/secrets/doctor/check.ts'
import { versionCheck } from '../../tasks/lib/secrets/doctor/gpg.ts'
import { sopsVersionCheck } from '../../tasks/lib/secrets/doctor/machine.ts'
import { type GpgHome, gpgHome, makeKey } from '../support/gpg.ts'
import { freshAgeKey, sopsOutput } from '../support/sops.ts'
import { type Operator, operator } from './operator.ts'

interface Said {
  exitCode: number | null
  missing: number
  sections: Section[]
}

async function doctor(who: Operator, args: string[] = [], env: Record<string, string> = {}): Promise<Said> {
  const { exitCode, stdout } = await who.tasks(['secrets:doctor', ...args, '--json'], { env })
  return { exitCode, ...JSON.parse(stdout) }
}

function checks({ sections }: Said, name: string | RegExp): Check[] {
  const fits = (found: string) => (typeof name === 'string' ? found === name : name.test(found))
  return sections.flatMap(({ results }) => results).filter((check) => fits(check.name))
}

async function withSecret(): Promise<Operator> {
  const who = operator()
  const { exitCode, stderr } = await who.tasks(['secrets:new', 'db', '--generate', 'password=32'])
  expect(exitCode, stderr).toBe(0)
  return who
}

describe('tasks secrets:doctor', () => {
  test('finds nothing wrong where there is nothing yet, and says how to begin', async () => {
    const said = await doctor(operator())
    expect(said).toMatchObject({ exitCode: 0, missing: 0 })
    expect(checks(said, 'private key')[0]).toMatchObject({ state: 'warning', hint: 'tasks secrets:key' })
  })

  test('says whose key is at hand, where, what it opens, and where else it looked', async () => {
    const who = await withSecret()
    const said = await doctor(who)
    expect(said).toMatchObject({ exitCode: 0, missing: 0 })
    expect(checks(said, who.keysFile)[0]!.detail).toMatch(/^\w+: age1/)
    expect(checks(said, 'encrypted files')[0]!.detail).toBe('1 of 1 open here')
    expect(checks(said, 'also looked at')[0]!.detail).toContain('SOPS_AGE_KEY_FILE (not set)')
    const { stdout } = await who.tasks(['secrets:doctor'])
    expect(stdout).toMatch(/^keys\n {2}✓ /)
    expect(stdout + JSON.stringify(said)).not.toContain('AGE-SECRET-KEY')
  })

  test('opens a file that is named', async () => {
    const who = await withSecret()
    const said = await doctor(who, ['db'])
    expect(checks(said, 'secrets/db.yaml').map(({ detail }) => detail)).toEqual([
      expect.stringMatching(/^is for \w+$/),
      expect.stringMatching(/^opens here with the key of \w+, and its MAC agrees$/),
    ])
    writeFileSync(
      join(who.project, 'secrets/db.yaml'),
      who.read('secrets/db.yaml').replace('kind: Secret', 'kind: Other'),
    )
    expect(checks(await doctor(who, ['db']), 'secrets/db.yaml')[1]).toMatchObject({
      state: 'missing',
      detail: 'was changed by hand: its MAC does not agree',
    })
  })

  test('names the missing key by its person and every place that was looked at', async () => {
    const who = await withSecret()
    renameSync(who.keysFile, `${who.keysFile}.away`)
    const all = await doctor(who)
    expect(all).toMatchObject({ exitCode: 1, missing: 2 })
    expect(checks(all, 'secrets/db.yaml')[0]!.detail).toMatch(/^does not open here: it is for \w+$/)
    const one = checks(await doctor(who, ['db']), 'secrets/db.yaml').map(({ detail }) => detail)
    expect(one.join('\n')).toContain(who.keysFile)
    expect(one.join('\n')).toContain('no identity is at hand')
  })

  test('wants private keys to be private', async () => {
    const who = await withSecret()
    chmodSync(who.keysFile, 0o644)
    const said = await doctor(who)
    expect(said.exitCode).toBe(1)
    expect(checks(said, who.keysFile)[1]).toMatchObject({
      state: 'missing',
      hint: `chmod 600 ${who.keysFile}`,
    })
  })

  test('says which line of which place is no key, without showing it', async () => {
    const who = await withSecret()
    const wrong = freshAgeKey().identity.replace(/.$/, (last) => (last === 'Q' ? 'P' : 'Q'))
    const said = await doctor(who, [], { SOPS_AGE_KEY: wrong })
    expect(checks(said, 'SOPS_AGE_KEY')[0]).toMatchObject({
      state: 'warning',
      detail: 'line 1 has a typing error',
    })
    expect(JSON.stringify(said)).not.toContain(wrong)
  })

  test('reads .sops.yaml as strictly as the day it is needed', async () => {
    const { recipient } = freshAgeKey()
    const rules = [
      `    - path_regex: ^a\n      encrypted_regex: x\n      encrypted_suffix: y\n      age: ${recipient}`,
      `    - path_regex: ^b\n      age: age1wrong`,
      `    - path_regx: ^c\n      age: ${recipient}`,
    ]
    const who = operator({ '.sops.yaml': `creation_rules:\n${rules.join('\n')}\n` })
    const said = await doctor(who)
    expect(said.exitCode).toBe(1)
    expect(checks(said, /^\.sops\.yaml/).map(({ name, state }) => [name, state])).toEqual([
      [expect.stringMatching(/^\.sops\.yaml:8/), 'warning'],
      [expect.stringMatching(/^\.sops\.yaml:[2-4]$/), 'missing'],
      [expect.stringMatching(/^\.sops\.yaml:[56]$/), 'missing'],
    ])
  })

  test('tells of a file that no rule takes, of a clear one, and of rules in .sops.yml', async () => {
    const { recipient, identity } = freshAgeKey()
    const who = operator({ 'secrets/clear.yaml': 'kind: Secret\nstringData: {a: hidden}\n', '.sops.yml': '' })
    const sealed = await sopsOutput(['encrypt', '--age', recipient, '--filename-override', 'a.json'], {
      input: '{}',
    })
    writeFileSync(join(who.project, 'secrets/a.json'), sealed)
    writeFileSync(join(who.project, '.sops.yaml'), `creation_rules: [{path_regex: no, age: ${recipient}}]`)
    const said = await doctor(who, [], { SOPS_AGE_KEY: identity })
    expect(checks(said, 'secrets/a.json')[0]!.detail).toBe('no creation rule takes it')
    expect(checks(said, 'secrets/clear.yaml')[0]).toMatchObject({
      state: 'missing',
      detail: 'is not encrypted',
    })
  })

  test('wants sops where only a key service could open a file', async () => {
    const who = operator()
    const kms = {
      arn: 'arn:aws:kms:us-east-1:1:key/x',
      created_at: '2024-01-02T03:04:05Z',
      enc: 'x',
      aws_profile: '',
    }
    const sops = { kms: [kms], lastmodified: '2024-01-02T03:04:05Z', mac: 'x', version: '3.13.3' }
    await who.tasks(['secrets:key', '--name', 'ada'])
    writeFileSync(join(who.project, 'secrets/k.json'), JSON.stringify({ a: '', sops }))
    const said = await doctor(who, [], { PATH: '/nowhere' })
    expect(checks(said, 'sops')[0]).toMatchObject({ state: 'missing' })
    expect(checks(said, 'encrypted files')[0]!.detail).toContain('1 may')
  })
})

test('tasks doctor has one line about secrets', async () => {
  const who = await withSecret()
  const line = async () => checks(JSON.parse((await who.tasks(['doctor', '--json'])).stdout), 'secrets')
  expect(await line()).toEqual([{ name: 'secrets', state: 'good', detail: '1 of 1 open here' }])
  renameSync(who.keysFile, `${who.keysFile}.away`)
  expect(await line()).toMatchObject([{ state: 'warning', hint: 'tasks secrets:doctor' }])
})

describe('tasks secrets:doctor with PGP', () => {
  let gnupg: GpgHome
  let fp: string
  let ended: string
  beforeAll(async () => {
    gnupg = await gpgHome()
    fp = makeKey(gnupg, { name: 'ada' })
    ended = makeKey(gnupg, { name: 'bob', at: '20200102T000000', expires: '1y' })
  })
  afterAll(() => gnupg.remove())

  test('says what gpg has, its version, agent and pinentry, and whose key has ended', async () => {
    const exported = (id: string) => gnupg.gpg(['--armor', '--export', id]).toString()
    const who = operator({
      'secrets/keys/ada.asc': exported(fp),
      'secrets/keys/bob.asc': exported(ended),
      '.sops.yaml': `creation_rules: [{pgp: ${fp}}]\n`,
    })
    const sealed = await sopsOutput(['encrypt', '--pgp', fp, '--filename-override', 'a.yaml'], {
      input: 'a: 1\n',
      env: gnupg.environment,
    })
    writeFileSync(join(who.project, 'secrets/a.yaml'), sealed)
    const said = await doctor(who, ['a'], gnupg.environment)
    expect(checks(said, "gpg's keyring")[0]!.detail).toBe(`ada: ${fp}`)
    expect(checks(said, 'secrets/a.yaml')[1]!.detail).toBe(
      'opens here with the key of ada, and its MAC agrees',
    )
    expect(checks(said, 'gpg')[0]).toMatchObject({ state: 'good', detail: expect.stringMatching(/^2\./) })
    expect(checks(said, 'gpg-agent')[0]).toMatchObject({ state: 'good' })
    expect(checks(said, 'secrets/keys/bob.asc')[0]).toMatchObject({
      detail: expect.stringMatching(/expired/),
    })
    const without = await doctor(who, [], { ...gnupg.environment, SOPS_GPG_EXEC: '/nowhere/gpg' })
    expect(checks(without, 'gpg')[0]).toMatchObject({ state: 'warning' })
  })
})

test.each([
  ['2.2.20', 'warning'],
  ['2.1.11', 'warning'],
  ['2.2.21', 'good'],
  ['2.4.7', 'good'],
])('gpg %s is %s', (version, state) => {
  expect(versionCheck(version).state).toBe(state)
})

test.each([
  ['3.13.2', 'warning'],
  ['3.8.1', 'warning'],
  ['3.12.2', 'good'],
  ['3.13.3', 'good'],
])('sops %s is %s', (version, state) => {
  expect(sopsVersionCheck(version).state).toBe(state)
})
