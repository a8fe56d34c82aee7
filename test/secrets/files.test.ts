import { spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { findSecretFiles, secretFileNamed } from '../../tasks/lib/secrets/files/secret-files.ts'
import { writeAtomically } from '../../tasks/lib/secrets/files/write.ts'
import { run, temporaryFolder } from '../support/cli.ts'

const bytes = (text: string) => Buffer.from(text)
const isRoot = process.getuid?.() === 0

describe('a file is written', () => {
  test('anew with the mode that is asked for, and nothing lies beside it', async () => {
    const folder = temporaryFolder()
    await writeAtomically(join(folder, 'a'), bytes('one'))
    await writeAtomically(join(folder, 'b'), bytes('two'), { mode: 0o644 })
    expect(readdirSync(folder)).toEqual(['a', 'b'])
    expect([statSync(join(folder, 'a')).mode & 0o777, statSync(join(folder, 'b')).mode & 0o777]).toEqual([
      0o600, 0o644,
    ])
  })

  test('over an old one with the mode and the owner that it had', async () => {
    const file = join(temporaryFolder({ a: 'old' }), 'a')
    chmodSync(file, 0o640)
    if (isRoot) spawnSync('chown', ['1234:2345', file])
    const before = statSync(file)
    await writeAtomically(file, bytes('new'), { mode: 0o600 })
    const { mode, uid, gid, ino } = statSync(file)
    expect(readFileSync(file, 'utf8')).toBe('new')
    expect({ mode, uid, gid }).toEqual({ mode: before.mode, uid: before.uid, gid: before.gid })
    expect(ino).not.toBe(before.ino)
  })

  test('through links, which stay, to files that are there and to ones that are not', async () => {
    const folder = temporaryFolder({ 'far/a': 'old' })
    symlinkSync('far/a', join(folder, 'link'))
    symlinkSync('link', join(folder, 'second'))
    symlinkSync('far/new', join(folder, 'dangling'))
    await writeAtomically(join(folder, 'second'), bytes('new'))
    await writeAtomically(join(folder, 'dangling'), bytes('there'))
    expect(readFileSync(join(folder, 'far/a'), 'utf8')).toBe('new')
    expect(readFileSync(join(folder, 'far/new'), 'utf8')).toBe('there')
    for (const name of ['link', 'second', 'dangling']) {
      expect(lstatSync(join(folder, name)).isSymbolicLink()).toBe(true)
    }
  })

  test('straight to a device', async () => {
    await writeAtomically('/dev/null', bytes('x'))
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true)
  })
})

describe('a file that cannot be written stays as it was, and nothing lies beside it:', () => {
  test('its folder is missing', async () => {
    const folder = temporaryFolder()
    const written = writeAtomically(join(folder, 'no/a'), bytes('x'))
    await expect(written).rejects.toMatchObject({ sopsCode: 3, message: expect.stringContaining('missing') })
    expect(readdirSync(folder)).toEqual([])
  })

  test('it is a folder', async () => {
    const folder = temporaryFolder({ 'a/b': '' })
    await expect(writeAtomically(join(folder, 'a'), bytes('x'))).rejects.toThrow('it is a folder')
  })

  test('its folder may not be written to', async () => {
    const folder = temporaryFolder({ 'd/a': 'old' })
    chmodSync(join(folder, 'd'), 0o555)
    chmodSync(folder, 0o755)
    const { stdout } = await writeInChild(join(folder, 'd/a'), { as: isRoot ? 65534 : undefined })
    expect(stdout).toContain('its folder may not be written to')
    chmodSync(join(folder, 'd'), 0o755)
    expect(readdirSync(join(folder, 'd'))).toEqual(['a'])
    expect(readFileSync(join(folder, 'd/a'), 'utf8')).toBe('old')
  })

  test.runIf(isRoot)('the disk is full, or read-only', async () => {
    const folder = temporaryFolder()
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', folder])
    if (mounted.status !== 0) return // a container that may not mount
    onTestFinished(() => void spawnSync('umount', [folder]))
    writeFileSync(join(folder, 'a'), 'old')
    const full = writeAtomically(join(folder, 'a'), Buffer.alloc(200_000))
    await expect(full).rejects.toThrow('nothing was changed: the disk is full')
    expect(readdirSync(folder)).toEqual(['a'])
    spawnSync('mount', ['-o', 'remount,ro', folder])
    await expect(writeAtomically(join(folder, 'a'), bytes('x'))).rejects.toThrow(
      'the file system is read-only',
    )
    expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('old')
  })
})

describe('a file that somebody else wrote meanwhile', () => {
  test.each<[string, string | undefined, string | null]>([
    ['is another one', 'theirs', 'mine'],
    ['is gone', undefined, 'mine'],
    ['was made first', 'theirs', null],
  ])('stays: it %s', async (_, present, replacing) => {
    const folder = temporaryFolder(present === undefined ? {} : { a: present })
    const written = writeAtomically(join(folder, 'a'), bytes('new'), {
      replacing: replacing === null ? null : bytes(replacing),
    })
    await expect(written).rejects.toThrow(/by somebody else meanwhile: nothing was written/)
    const left = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
    expect(left).toEqual(present === undefined ? [] : [present])
  })

  test('is replaced where it is the one that was read', async () => {
    const file = join(temporaryFolder({ a: 'old' }), 'a')
    await writeAtomically(file, bytes('new'), { replacing: bytes('old') })
    await writeAtomically(`${file}2`, bytes('new'), { replacing: null })
    expect(readFileSync(file, 'utf8') + readFileSync(`${file}2`, 'utf8')).toBe('newnew')
  })
})

test('a program that is killed while it writes leaves the old file or the new one, whole', async () => {
  const folder = temporaryFolder({ a: 'b'.repeat(300_000) })
  const file = join(folder, 'a')
  for (let round = 0; round < 5; round++) {
    const child = spawn(process.execPath, childArguments(file, 'forever'), {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await new Promise((resolve) => child.stdout.once('data', resolve))
    await new Promise((resolve) => setTimeout(resolve, 3 + 7 * round))
    child.kill('SIGKILL')
    await new Promise((resolve) => child.once('close', resolve))
    const text = readFileSync(file, 'utf8')
    expect([...new Set(text)]).toHaveLength(1)
    expect(text).toHaveLength(300_000)
  }
})

test('a program that is asked to end while it writes leaves nothing beside the file', async () => {
  const folder = temporaryFolder({ a: 'old' })
  const file = join(folder, 'a')
  const child = spawn(process.execPath, childArguments(file, 'until-signal'), {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise((resolve) => child.stdout.once('data', resolve))
  child.kill('SIGTERM')
  await new Promise((resolve) => child.once('close', resolve))
  expect(readdirSync(folder)).toEqual(['a'])
})

describe('secret files', () => {
  const tree = {
    'secrets/db.yaml': '',
    'secrets/web.env': '',
    'secrets/prod/db.yml': '',
    'secrets/prod/keys/x.json': '',
    'secrets/keys/alice.age': '',
    'secrets/.hidden.yaml': '',
    'secrets/.git/config': '',
    'secrets/README.md': '',
    'secrets/tls': '',
    'secrets/two.yaml': '',
    'secrets/two.env': '',
  }

  test('are all below the folder but dot files, the keys of people and READMEs', async () => {
    const root = temporaryFolder(tree)
    const folder = join(root, 'secrets')
    const found = ['db.yaml', 'prod/db.yml', 'prod/keys/x.json', 'tls', 'two.env', 'two.yaml', 'web.env']
    expect(await findSecretFiles(folder)).toEqual(found.map((name) => join(folder, name)))
    expect(await findSecretFiles(join(root, 'none'))).toEqual([])
  })

  test('are found where secrets/ is a link', async () => {
    const root = temporaryFolder({ 'private/db.yaml': '' })
    mkdirSync(join(root, 'project'))
    symlinkSync('../private', join(root, 'project/secrets'))
    const file = join(root, 'project/secrets/db.yaml')
    expect(await findSecretFiles(join(root, 'project/secrets'))).toEqual([file])
    expect(await secretFileNamed(join(root, 'project/secrets'), 'db')).toBe(file)
  })

  test('are named without their ending, with it, or by a path', async () => {
    const root = temporaryFolder(tree)
    const find = (name: string) =>
      secretFileNamed(join(root, 'secrets'), name, { cwd: join(root, 'secrets/prod') })
    expect(await find('web')).toBe(join(root, 'secrets/web.env'))
    expect(await find('tls')).toBe(join(root, 'secrets/tls'))
    expect(await find('two.env')).toBe(join(root, 'secrets/two.env'))
    expect(await find('prod/db')).toBe(join(root, 'secrets/prod/db.yml'))
    expect(await find('db.yml')).toBe(join(root, 'secrets/prod/db.yml'))
    expect(await find('secrets/db.yaml')).toBe(join(root, 'secrets/db.yaml'))
    await expect(find('two')).rejects.toThrow('two is the name of 2 files: secrets/two.env, secrets/two.yaml')
    const missing = await find('webb').catch((error) => error)
    expect(missing.findings[0]).toMatchObject({
      message: 'there is no secret file webb in secrets',
      hint: 'did you mean web?',
    })
  })
})

const writer = fileURLToPath(new URL('../support/write-secret.ts', import.meta.url))

function childArguments(file: string, how: string): string[] {
  return ['--import', fileURLToPath(import.meta.resolve('tsx')), writer, file, how]
}

function writeInChild(file: string, { as }: { as?: number }) {
  return run(process.execPath, childArguments(file, as === undefined ? 'once' : `once-as:${as}`))
}
