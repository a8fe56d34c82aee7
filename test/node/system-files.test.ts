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
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { directories } from '../../tasks/lib/node/system/directories.ts'
import { type FileOptions, file } from '../../tasks/lib/node/system/file.ts'
import { lineInFile } from '../../tasks/lib/node/system/line-in-file.ts'
import { temporaryFolder } from '../support/cli.ts'
import { localMachine } from '../support/local-machine.ts'
import { changesOn, converge } from '../support/machines.ts'

const machine = localMachine('kube1.example.com')
const { uid, gid } = userInfo()
const owner = `${uid}:${gid}`

function ours(path: string, content: string, more: Partial<FileOptions> = {}) {
  return file({ path, content, owner, ...more })
}

describe('a file', () => {
  it('is made with its folder, and then holds', async () => {
    const path = join(temporaryFolder(), 'etc/deep/it is.conf')
    const { changes, again } = await converge(machine, [ours(path, 'a\nb\n', { mode: '0640' })])
    expect(changes).toMatchObject([
      {
        action: 'create',
        title: `kube1: create ${path}`,
        before: [],
        after: [`(mode 0640, ${owner})`, 'a', 'b'],
      },
    ])
    expect(again).toEqual([])
    expect(readFileSync(path, 'utf8')).toBe('a\nb\n')
    expect(statSync(path).mode & 0o7777).toBe(0o640)
    expect(readdirSync(join(path, '..'))).toEqual(['it is.conf'])
  })

  it('shows the lines that differ, and its mode and owner only where they do', async () => {
    const path = join(temporaryFolder(), 'a')
    writeFileSync(path, 'one\ntwo', { mode: 0o644 })
    const [change] = await changesOn(machine, [ours(path, 'one\nthree\n')])
    expect(change).toMatchObject({
      action: 'update',
      before: ['one', 'two', '(no newline at the end)'],
      after: ['one', 'three'],
    })
  })

  it('of another mode alone is not written again', async () => {
    const path = join(temporaryFolder(), 'a')
    writeFileSync(path, 'one\n')
    chmodSync(path, 0o666)
    const { changes, again } = await converge(machine, [ours(path, 'one\n', { mode: '0600' })])
    expect(changes.map(({ commands }) => commands)).toEqual([
      [`chown -- ${owner} ${path}`, `chmod -- 0600 ${path}`],
    ])
    expect(again).toEqual([])
  })

  it('keeps any bytes of its text', async () => {
    const path = join(temporaryFolder(), 'a')
    const content = "it's $HOME `id` \\n %s \u00e4\u20ac\ud83d\ude00\r\n\n\n  end"
    expect((await converge(machine, [ours(path, content)])).again).toEqual([])
    expect(readFileSync(path, 'utf8')).toBe(content)
  })

  it('that is secret is in no command, no line and no answer', async () => {
    const path = join(temporaryFolder(), 'key')
    const secret = (content: string) => ours(path, content, { secret: true, mode: '0600' })
    const { changes, again } = await converge(machine, [secret('hunter2hunter2\n')])
    expect(again).toEqual([])
    const [other] = await changesOn(machine, [secret('another-secret\n')])
    const { before, after, commands } = other!
    expect({ before, after }).toEqual({
      before: ['(present content, not shown)'],
      after: ['(wanted content, not shown)'],
    })
    expect(JSON.stringify([changes, before, after, commands])).not.toMatch(/hunter2|another-secret/)
  })

  it('in place of a link says so and leaves what the link leads to', async () => {
    const folder = temporaryFolder()
    const [path, other] = [join(folder, 'a'), join(folder, 'other')]
    writeFileSync(other, 'kept')
    symlinkSync(other, path)
    const { changes, again } = await converge(machine, [ours(path, 'new')])
    expect(changes).toMatchObject([{ action: 'replace', before: [`link to ${other}`] }])
    expect(again).toEqual([])
    expect(readFileSync(other, 'utf8')).toBe('kept')
    expect(lstatSync(path).isFile()).toBe(true)
  })

  it('where a directory stands is refused', async () => {
    const path = join(temporaryFolder(), 'a')
    mkdirSync(path)
    const changes = await changesOn(machine, [ours(path, 'new')])
    expect(changes.map(({ blocked }) => blocked?.message)).toEqual([
      `kube1: file ${path}: ${path} is a directory, not a file`,
    ])
  })

  it('whose text comes only in part stays as it was', async () => {
    const path = join(temporaryFolder(), 'a')
    writeFileSync(path, 'old')
    const cut = {
      ...machine,
      run: (script: string, options = {}) => machine.run(script, { ...options, input: 'ne' }),
    }
    const [change] = await changesOn(cut, [ours(path, 'new')])
    await expect(change!.run({ say: () => {}, signal: new AbortController().signal })).rejects.toThrow(
      '-eq 3',
    )
    expect(readFileSync(path, 'utf8')).toBe('old')
  })

  it('is whole, old or new, wherever its commands are killed', async () => {
    const content = 'new\n'.repeat(1000)
    const commands = (await changesOn(machine, [ours('/nonexistent/x', content)]))[0]!.commands!
    for (let kill = 0; kill <= commands.length; kill++) {
      const path = join(temporaryFolder(), 'a')
      writeFileSync(path, 'old')
      const [change] = await changesOn(machine, [ours(path, content)])
      const some = [...change!.commands!.slice(0, kill), 'kill -9 $$'].join('\n')
      await machine.run(some, { input: content }).catch(() => {})
      expect(['old', content]).toContain(readFileSync(path, 'utf8'))
      const { again } = await converge(machine, [ours(path, content)])
      expect(again).toEqual([])
      expect(readdirSync(join(path, '..'))).toEqual(['a'])
    }
  })
})

describe('a line in a file', () => {
  test.each<[string, string | undefined, string]>([
    ['is added to a file that is not there', undefined, 'b=2 & \\1 | /x\n'],
    ['is added at the end', 'a=1\n', 'a=1\nb=2 & \\1 | /x\n'],
    ['is added after a last line without a newline', 'a=1', 'a=1\nb=2 & \\1 | /x\n'],
    ['takes the place of the one that stood for it', 'b=[1].*|\\x\na=1\n', 'b=2 & \\1 | /x\na=1\n'],
  ])('%s', async (_, before, after) => {
    const path = join(temporaryFolder(), 'a')
    if (before !== undefined) writeFileSync(path, before, { mode: 0o640 })
    const resource = lineInFile({ path, line: 'b=2 & \\1 | /x', instead: (line) => line.startsWith('b=') })
    expect((await converge(machine, [resource])).again).toEqual([])
    expect(readFileSync(path, 'utf8')).toBe(after)
    if (before !== undefined) expect(statSync(path).mode & 0o777).toBe(0o640)
  })

  it('made twice stands there once', async () => {
    const path = join(temporaryFolder(), 'a')
    const [change] = await changesOn(machine, [lineInFile({ path, line: 'a b' })])
    for (let time = 0; time < 2; time++) await machine.run(change!.commands!.join('\n'))
    expect(readFileSync(path, 'utf8')).toBe('a b\n')
  })
})

describe('directories', () => {
  it('are made by one command, however many', async () => {
    const folder = temporaryFolder()
    const paths = Array.from({ length: 41 }, (_, index) => join(folder, `pool s/${index}`))
    const { changes, again } = await converge(machine, [directories({ paths, owner })])
    expect(changes.map(({ commands }) => commands!.length)).toEqual([1])
    expect(again).toEqual([])
    expect(readdirSync(join(folder, 'pool s'))).toHaveLength(41)
  })

  it('of another mode are named and mended, those as wanted are left alone', async () => {
    const folder = temporaryFolder()
    const paths = ['a', 'b'].map((name) => join(folder, name))
    for (const path of paths) mkdirSync(path)
    chmodSync(paths[0]!, 0o700)
    chmodSync(paths[1]!, 0o777)
    const { changes, again } = await converge(machine, [directories({ paths, mode: '0700', owner })])
    expect(changes).toMatchObject([{ action: 'update', after: [`0700 ${owner} ${paths[1]}`] }])
    expect(again).toEqual([])
  })

  it('whose path is a file are refused', async () => {
    const path = join(temporaryFolder(), 'a')
    writeFileSync(path, '')
    const [change] = await changesOn(machine, [directories({ paths: [path], owner })])
    expect(change!.blocked!.message).toContain(`${path} is a regular empty file, not a directory`)
  })
})
