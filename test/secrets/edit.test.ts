import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { secretFindings } from '../../tasks/lib/addons/secret-check.ts'
import { TaskError } from '../../tasks/lib/cli/errors.ts'
import { openFile } from '../../tasks/lib/secrets/edit/open-file.ts'
import { sealEdited, textToEdit } from '../../tasks/lib/secrets/edit/seal-edited.ts'
import { secretProject } from '../../tasks/lib/secrets/project.ts'
import { tasksWords, writeFiles } from '../support/cli.ts'
import { holderOf } from '../support/key-kinds.ts'
import { sops, sopsOutput } from '../support/sops.ts'
import { dbSecret, type Keeper, keeper } from './keeper.ts'

/** Puts a shell script beside the project, as an editor. */
function editor({ home }: Keeper, script: string): { SOPS_EDITOR: string } {
  const path = join(home, 'my editor')
  writeFiles(home, { 'my editor': `#!/bin/sh\nset -e\n${script}\n` })
  chmodSync(path, 0o755)
  return { SOPS_EDITOR: `'${path}' --wait` }
}

const mac = '    mac: ENC'
const change = 'sed -i "s/hunter22/correct horse/" "$2"'

/** Folders with clear text that are left in memory by anybody's runs below this process. */
function leftOver(of: number): string[] {
  return readdirSync('/dev/shm').filter((name) => name.startsWith('tasks-clear-') && name.includes(`-${of}-`))
}

describe('tasks secrets:edit', () => {
  test('writes what changed: its value, the MAC and the time', async () => {
    const one = await keeper({ 'secrets/db.yaml': dbSecret })
    const before = one.read('secrets/db.yaml')
    const { exitCode, stdout, stderr } = await one.tasks(['secrets:edit', 'db'], { env: editor(one, change) })
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' })
    expect(stderr).toContain('secrets/db.yaml is written: changed stringData.password\n')
    expect(stderr).not.toMatch(/hunter22|correct horse/)
    expect(one.diff('secrets/db.yaml', before)).toEqual({
      added: ['    password: ENC', mac],
      removed: ['    password: ENC', mac],
    })
    expect(await one.sops('secrets/db.yaml')).toBe(dbSecret.replace('hunter22', 'correct horse'))
  })

  test('gives the editor a file of its own in memory, under the same name, and takes it away', async () => {
    const one = await keeper({ 'secrets/db.yml': dbSecret })
    const look =
      'stat -f -c %T "$2"; stat -c "%a %u" "$2" "$(dirname "$2")"; pwd; echo "$2 $TMPDIR" >&2; cat "$2" >&2'
    const { stdout, stderr } = await one.tasks(['secrets:edit', 'db'], { env: editor(one, look) })
    const [kind, file, folder, cwd] = stdout.split('\n')
    expect([kind, file, folder]).toEqual(['tmpfs', `600 ${process.getuid!()}`, `700 ${process.getuid!()}`])
    expect(stderr).toContain(`${cwd}/db.yml ${cwd}\n${dbSecret}`)
    expect(existsSync(cwd!)).toBe(false)
  })

  test.each([
    ['unchanged', 'true'],
    ['saved again without a change', 'cp "$2" "$2.new"; mv "$2.new" "$2"'],
  ])('a text that is %s is not written', async (_, script) => {
    const one = await keeper({ 'secrets/db.yaml': dbSecret })
    const before = one.read('secrets/db.yaml')
    const { mtimeMs, ino } = statSync(join(one.project, 'secrets/db.yaml'))
    const { exitCode, stderr } = await one.tasks(['secrets:edit', 'db'], { env: editor(one, script) })
    expect(exitCode).toBe(0)
    expect(stderr).toContain('secrets/db.yaml is as it was: nothing was written')
    expect(one.read('secrets/db.yaml')).toBe(before)
    expect(statSync(join(one.project, 'secrets/db.yaml'))).toMatchObject({ mtimeMs, ino })
  })

  test('a text that is not valid is not saved', async () => {
    const one = await keeper({ 'secrets/db.yaml': dbSecret })
    const before = one.read('secrets/db.yaml')
    const script = 'sed -i "s/ca: .*/ca: secret!/" "$2"'
    const { exitCode, stderr } = await one.tasks(['secrets:edit', 'db'], { env: editor(one, script) })
    expect(exitCode).toBe(1)
    expect(stderr).toContain('secrets/db.yaml:8:5: Secret web/db: data.ca: expected base64')
    expect(stderr).toContain('secrets/db.yaml: was not changed: the edit was not valid')
    expect(stderr).not.toMatch(/hunter22|secret!/)
    expect(one.read('secrets/db.yaml')).toBe(before)
  })

  test.each<[string, (clear: string) => string, string | RegExp]>([
    ['is no YAML', (clear) => `${clear}a: [`, /,|]|expected/],
    ['has a value that is no text', (clear) => `${clear}    a: 5\n`, 'stringData.a: expected a string'],
    ['has a key that a Secret cannot have', (clear) => `${clear}    a b: x\n`, 'a b'],
    ['has a field that a Secret has not', (clear) => `${clear}stringdata: {}\n`, 'stringdata'],
    ['is empty', () => '', 'is empty'],
    [
      'is more than the server takes',
      (clear) => `${clear}    a: ${'x'.repeat(2 ** 20)}\n`,
      'more than the 1048576',
    ],
    ['has the block of sops', (clear) => `${clear}sops: {}\n`, 'sops'],
  ])('that is so where it %s', async (_, change, message) => {
    const one = await keeper({ 'secrets/db.yaml': dbSecret })
    const identity = readFileSync(one.keysFile, 'utf8').trim()
    const { keyring } = holderOf([], { env: { SOPS_AGE_KEY: identity } })
    const project = { ...secretProject({ root: one.project, output: { findings() {} } }), keyring }
    const file = await openFile('db', project)
    const text = await textToEdit(file, undefined)
    const edited = Buffer.from(change(Buffer.from(text.bytes).toString()))
    const saving = sealEdited(edited, { file, text, now: new Date(), check: secretFindings })
    await expect(saving).rejects.toThrow(message)
    await expect(saving).rejects.toBeInstanceOf(TaskError)
  })

  test('on a terminal a text that is not valid comes back into the editor', async () => {
    const one = await keeper({ 'secrets/db.yaml': dbSecret })
    const script = `if [ -e "$0.again" ]; then sed -i '/^a: /d' "$2"; ${change}; else touch "$0.again"; echo 'a: [' >> "$2"; fi`
    one.env = Object.assign(one.env, editor(one, script))
    const { exitCode, stdout } = await one.types(['secrets:edit', 'db'], [['edit again? [Y/n]', '']])
    expect(exitCode).toBe(0)
    expect(stdout).toContain('secrets/db.yaml is written: changed stringData.password')
    expect(await one.sops('secrets/db.yaml')).toBe(dbSecret.replace('hunter22', 'correct horse'))
  })

  test.each([
    ['fails', 'echo x >> "$2"; exit 3', 'ended with exit code 3: nothing was changed'],
    ['is killed', 'echo x >> "$2"; kill -KILL $$', 'ended with exit code 137: nothing was changed'],
    ['takes its file away', 'rm "$2"', 'the editor took its text away: nothing was changed'],
  ])('an editor that %s changes nothing', async (_, script, message) => {
    const one = await keeper({ 'secrets/db.yaml': dbSecret })
    const before = one.read('secrets/db.yaml')
    const { exitCode, stderr } = await one.tasks(['secrets:edit', 'db'], { env: editor(one, script) })
    expect(exitCode).toBe(1)
    expect(stderr).toContain(message)
    expect(one.read('secrets/db.yaml')).toBe(before)
  })

  test('an editor that is not there is said to be missing', async () => {
    const one = await keeper({ 'secrets/db.yaml': dbSecret })
    const { exitCode, stderr } = await one.tasks(['secrets:edit', 'db'], {
      env: { EDITOR: 'no-such-editor -x' },
    })
    expect(exitCode).toBe(1)
    expect(stderr).toContain('error: no-such-editor is not installed')
  })

  test('one value is edited as it is used, and keeps to having no line end', async () => {
    const one = await keeper({ 'secrets/db.yaml': dbSecret })
    const script = 'test "$(cat "$2")" = cert; basename "$2"; echo other > "$2"'
    const { stdout, exitCode } = await one.tasks(['secrets:edit', 'db', 'ca'], { env: editor(one, script) })
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'ca\n' })
    expect(await one.sops('secrets/db.yaml')).toBe(dbSecret.replace('Y2VydA==', btoa('other')))
  })

  test('the key that opens every secret is not in the environment of the editor', async () => {
    const one = await keeper({ 'secrets/db.yaml': dbSecret })
    const identity = readFileSync(one.keysFile, 'utf8').trim()
    const env = { ...editor(one, 'env; test -n "$HOME"'), SOPS_AGE_KEY: identity, MINE: 'stays' }
    const { stdout } = await one.tasks(['secrets:edit', 'db'], { env })
    expect(stdout).toContain('MINE=stays')
    expect(stdout).not.toContain('AGE-SECRET-KEY')
    expect(stdout).not.toContain('hunter22')
  })

  test.each([
    ['secrets/a.env', '# x\nA=one\n\nB=2\n', '# x\nA=two\n\nB=2\n'],
    ['secrets/a.json', '{\n\t"a": "one"\n}\n', '{\n\t"a": "two"\n}\n'],
    ['secrets/a.ini', '[s]\na = one\n', '[s]\na = two\n'],
    ['secrets/a.txt', 'one\n\0', 'two\n\0'],
    ['secrets/a.yml', 'a: one # here\n\nb: "2"\n', 'a: two # here\n\nb: "2"\n'],
  ])('%s is edited in its own layout, and the real sops reads it', async (path, clear, after) => {
    const one = await keeper({ [path]: clear })
    const keep = ['secrets:decrypt', '--keep-format', path]
    const first = (await one.tasks(keep)).stdout
    const { exitCode } = await one.tasks(['secrets:edit', path], {
      env: editor(one, 'sed -i s/one/two/ "$2"'),
    })
    expect(exitCode).toBe(0)
    expect((await one.tasks(keep)).stdout).toBe(first.replace('one', 'two'))
    expect((await one.sops(path)).replace(/\n\n/g, '\n')).toBe(after.replace(/\n\n/g, '\n'))
  })
})

describe('a file that somebody else changes meanwhile', () => {
  const setBySops = (key: string) =>
    `'${sops}' set "$PROJECT/secrets/db.yaml" '["stringData"]["${key}"]' '"theirs"'; ${change}`

  test('gets both changes where they are to different values', async () => {
    const one = await keeper({ 'secrets/db.yaml': dbSecret })
    const env = { ...editor(one, setBySops('user')), PROJECT: one.project }
    const { exitCode, stderr } = await one.tasks(['secrets:edit', 'db'], { env })
    expect(stderr).toContain('was changed by somebody else meanwhile: it has both changes')
    expect(exitCode).toBe(0)
    const wanted = dbSecret.replace('hunter22', 'correct horse').replace('user: admin', 'user: theirs')
    expect(await one.sops('secrets/db.yaml')).toBe(wanted)
  })

  test('keeps their change where both changed the same value', async () => {
    const one = await keeper({ 'secrets/db.yaml': dbSecret })
    const script = `${setBySops('password')}`
    const env = { ...editor(one, script), PROJECT: one.project }
    const { exitCode, stderr } = await one.tasks(['secrets:edit', 'db'], { env })
    expect(exitCode).toBe(1)
    expect(stderr).toContain('was changed by somebody else meanwhile, stringData.password too')
    expect(await one.sops('secrets/db.yaml')).toBe(dbSecret.replace('hunter22', 'theirs'))
  })

  test('is not written where it is gone, or no secret file any more', async () => {
    const one = await keeper({ 'secrets/db.yaml': dbSecret })
    const path = join(one.project, 'secrets/db.yaml')
    const broken = editor(one, `echo '<<<<<<< ours' > '${path}'; ${change}`)
    const refused = await one.tasks(['secrets:edit', 'db'], { env: broken })
    expect(refused.stderr).toContain('was changed by somebody else meanwhile: nothing was written')
    expect(one.read('secrets/db.yaml')).toBe('<<<<<<< ours\n')
    await one.seal('secrets/db.yaml', dbSecret)
    const gone = await one.tasks(['secrets:edit', 'db'], { env: editor(one, `rm '${path}'; ${change}`) })
    expect(gone.stderr).toContain('was taken away meanwhile: nothing was written')
    expect(existsSync(path)).toBe(false)
  })
})

describe('when the run is ended from outside', () => {
  interface Running {
    child: ChildProcess
    /** The editor's file, once the editor runs. */
    file: string
    ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  }

  async function running(one: Keeper, script: string): Promise<Running> {
    const env = { ...one.env, ...editor(one, `echo "$2" > "$HOME/started"; ${script}`) }
    const child = spawn(process.execPath, tasksWords(['secrets:edit', 'db']), { cwd: one.project, env })
    onTestFinished(() => void child.kill('SIGKILL'))
    const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) =>
      child.on('exit', (code, signal) => resolve({ code, signal })),
    )
    const started = join(one.home, 'started')
    while (!existsSync(started) || readFileSync(started, 'utf8') === '') await wait(20)
    return { child, file: readFileSync(started, 'utf8').trim(), ended }
  }

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const)(
    'by %s nothing stays in memory',
    async (signal) => {
      const one = await keeper({ 'secrets/db.yaml': dbSecret })
      const before = one.read('secrets/db.yaml')
      const { child, file, ended } = await running(one, `${change}; exec sleep 60`)
      expect(existsSync(file)).toBe(true)
      child.kill(signal)
      expect((await ended).code).toBe(130)
      expect(existsSync(join(file, '..'))).toBe(false)
      expect(one.read('secrets/db.yaml')).toBe(before)
    },
  )

  test('an editor that does not listen is ended, too', async () => {
    const one = await keeper({ 'secrets/db.yaml': dbSecret })
    const { child, file, ended } = await running(one, `trap '' TERM; while true; do sleep 0.1; done`)
    child.kill('SIGTERM')
    expect((await ended).code).toBe(130)
    expect(existsSync(join(file, '..'))).toBe(false)
  })

  test('by SIGKILL the next run takes away what is left', async () => {
    const one = await keeper({ 'secrets/db.yaml': dbSecret })
    const { child, file, ended } = await running(one, 'exec sleep 1')
    child.kill('SIGKILL')
    await ended
    expect(leftOver(child.pid!)).toHaveLength(1)
    await one.tasks(['secrets:edit', 'db'], { env: editor(one, 'true') })
    expect(existsSync(join(file, '..'))).toBe(false)
    expect(leftOver(child.pid!)).toEqual([])
  })
})

test('vim leaves no swap, backup, undo or history file anywhere', async () => {
  const one = await keeper({ 'secrets/db.yaml': dbSecret })
  const rc = `set nocompatible undofile backup swapfile undodir=${one.home} backupdir=${one.home} directory=${one.home} viminfo='100,<1000,n${one.home}/viminfo\n`
  writeFiles(one.home, { '.vimrc': rc })
  Object.assign(one.env, { EDITOR: 'vim' })
  const typed: [string, string][] = [
    ['hunter22', ':%s/hunter22/correct horse/'],
    ['correct horse', ':wq'],
  ]
  const { exitCode } = await one.types(['secrets:edit', 'db'], typed)
  expect(exitCode).toBe(0)
  expect(
    (await sopsOutput(['decrypt', 'secrets/db.yaml'], { cwd: one.project, env: one.env })).toString(),
  ).toBe(dbSecret.replace('hunter22', 'correct horse'))
  const kept = one.files().filter((path) => /viminfo|\.sw.$|~$|%|\.un/.test(path))
  expect(kept).toEqual([])
})
