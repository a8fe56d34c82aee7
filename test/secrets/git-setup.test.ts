import { chmodSync, existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { planSetup } from '../../tasks/lib/secrets/git/setup.ts'
import { type SecretRepository, secretRepository, tasksInShell } from '../support/secret-repository.ts'

const hook = '.git/hooks/pre-commit'
const secret = 'kind: Secret\nstringData:\n  password: hunter2hunter2\n'
const guardLine = `${tasksInShell} secrets:guard || exit 1`

describe('secrets:git-setup', { timeout: 60_000 }, () => {
  test('sets git up, and a second run changes nothing', async () => {
    const repository = secretRepository()
    const said = await setUp(repository)
    expect(said.titles).toEqual([
      '.gitattributes: secrets/** merge=sops diff=sops',
      '.git/config: merge.sops.name = secret files, by their clear trees',
      `.git/config: merge.sops.driver = ${tasksInShell} secrets:git-merge %O %A %B %P`,
      `.git/config: diff.sops.textconv = ${tasksInShell} secrets:git-textconv`,
      '.git/config: diff.sops.cachetextconv = false',
      `${hook}: tasks secrets:guard before each commit`,
    ])
    expect(await setUp(repository)).toEqual({ titles: [], findings: [] })
    expect(repository.git('check-attr', 'merge', 'secrets/a/b.yaml').stdout).toBe(
      'secrets/a/b.yaml: merge: sops\n',
    )
  })

  test('takes all of it back, and nothing else', async () => {
    const repository = secretRepository()
    repository.write({ '.gitattributes': '*.png binary', [hook]: '#!/bin/bash\necho mine\n' })
    repository.git('config', 'merge.sops.other', 'mine')
    const config = repository.read('.git/config')
    await setUp(repository)
    expect(repository.read('.gitattributes')).toBe('*.png binary\nsecrets/** merge=sops diff=sops\n')
    await setUp(repository, { undo: true })
    expect(repository.read('.gitattributes')).toBe('*.png binary\n')
    expect(repository.read(hook)).toBe('#!/bin/bash\necho mine\n')
    expect(repository.git('config', '--get-regexp', 'sops').stdout).toBe('merge.sops.other mine\n')
    expect(repository.read('.git/config')).toContain(config.trim())
    expect((await setUp(repository, { undo: true })).titles).toEqual([])
  })

  test('removes a hook that only guards', async () => {
    const repository = secretRepository()
    await setUp(repository)
    expect(statSync(join(repository.folder, hook)).mode & 0o111).toBe(0o111)
    await setUp(repository, { undo: true })
    expect(existsSync(join(repository.folder, hook))).toBe(false)
    expect(existsSync(join(repository.folder, '.gitattributes'))).toBe(false)
  })

  test('guards commits, from any folder, with another index and beside an existing hook that ends early', async () => {
    const repository = secretRepository()
    repository.write({
      [hook]: '#!/bin/sh\necho mine ran >&2\nexit 0\n',
      'sub/ok.txt': 'x',
      'web.yaml': 'kind: Secret\n',
    })
    chmodSync(join(repository.folder, hook), 0o755)
    await setUp(repository)
    const { git, shell, write } = repository
    git('add', '-A')
    const first = git('commit', '-qm', 'without secrets')
    expect(first).toMatchObject({ status: 0, stderr: 'mine ran\n' })
    write({ 'web.yaml': secret })
    const all = git('commit', '-qam', 'with -a git makes an index for the commit')
    expect(all).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('web.yaml:3: a Secret: password is not encrypted'),
    })
    git('add', 'web.yaml')
    const person = '-c user.name=a -c user.email=a@example.org'
    const below = shell(`cd sub && git ${person} commit -qm x`)
    expect(below).toMatchObject({ status: 1, stderr: expect.stringContaining('hint: git mv web.yaml') })
    const only = shell(`cd sub && echo y > ok.txt && git ${person} commit -qm 'only this file' ok.txt`)
    expect(only).toMatchObject({ status: 0 })
    expect(git('commit', '-qm', 'x', '--no-verify')).toMatchObject({ status: 0 })
  })

  test('names files of other creation rules', async () => {
    const repository = secretRepository()
    const { recipient } = repository
    repository.write({
      '.sops.yaml': `creation_rules:\n  - path_regex: \\.sops\\.yaml$\n    age: ${recipient}\n`,
      'clusters/home lab/a.sops.yaml': 'a: b\n',
    })
    repository.git('add', '-A')
    await setUp(repository)
    expect(repository.read('.gitattributes')).toBe(
      'secrets/** merge=sops diff=sops\n"clusters/home lab/*.yaml" merge=sops diff=sops\n',
    )
    const path = 'clusters/home lab/b.yaml'
    expect(repository.git('check-attr', 'diff', path).stdout).toBe(`${path}: diff: sops\n`)
  })

  test('writes npx, no path of this machine, into hooks that are committed', async () => {
    for (const [hooksPath, file] of [
      ['.githooks', '.githooks/pre-commit'],
      ['.husky/_', '.husky/pre-commit'],
    ] as const) {
      const repository = secretRepository()
      repository.git('config', 'core.hooksPath', hooksPath)
      await setUp(repository)
      expect(repository.read(file)).toContain('\nnpx --no-install tasks secrets:guard || exit 1\n')
    }
  })

  test('leaves hooks of other repositories and of other languages as they are, and says so', async () => {
    const shared = secretRepository()
    shared.git('config', 'core.hooksPath', join(secretRepository().folder, 'hooks'))
    expect((await setUp(shared)).findings).toMatchObject([
      {
        severity: 'warning',
        message: expect.stringContaining('core.hooksPath'),
        hint: expect.stringContaining('secrets:guard'),
      },
    ])
    const python = secretRepository()
    python.write({ [hook]: '#!/usr/bin/env python3\nprint(1)\n' })
    expect((await setUp(python)).findings).toMatchObject([{ hint: `add to it by hand: ${guardLine}` }])
    expect(python.read(hook)).toBe('#!/usr/bin/env python3\nprint(1)\n')
  })
})

async function setUp({ folder }: SecretRepository, { undo = false } = {}) {
  const { changes, findings } = await planSetup({ cwd: folder, command: tasksInShell, undo })
  for (const { run } of changes) await run()
  return { titles: changes.map(({ title }) => title), findings }
}
