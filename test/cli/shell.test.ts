import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { onCommand } from '../../tasks/lib/cli/process/command-log.ts'
import { quote } from '../../tasks/lib/cli/process/quote.ts'
import { run } from '../../tasks/lib/cli/process/shell.ts'
import { forgetSecrets, registerSecret } from '../../tasks/lib/cli/redact.ts'
import fc from '../support/fast-check.ts'

const folder = mkdtempSync(join(tmpdir(), 'shell-'))
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => {
  forgetSecrets()
  onCommand(undefined)
})

describe('quoting', () => {
  it.each([
    ['plain/word-1.2:3', 'plain/word-1.2:3'],
    ['', "''"],
    ["it's", "'it'\\''s'"],
    ['$HOME `id` "x" \\', '\'$HOME `id` "x" \\\''],
    ['a=b', 'a=b'],
    ['=b', "'=b'"],
    ['~', "'~'"],
    ['a\nb', "'a\nb'"],
  ])('%j becomes %s', (word, expected) => expect(quote(word)).toBe(expected))

  it('a real shell reads any word back unchanged', () => {
    const word = fc
      .string({ unit: 'binary', maxLength: 12 })
      .map((text) => Buffer.from(text).toString().replaceAll('\0', ''))
    const words = fc.sample(fc.array(word, { minLength: 1 }), 50).flat()
    const shown = execFileSync('/bin/sh', ['-c', `printf '%s\\0' ${words.map(quote).join(' ')}`])
    expect(shown.toString().split('\0').slice(0, -1)).toEqual(words)
  })
})

describe('run', () => {
  it('gives what the program wrote, and its exit code where failure is allowed', async () => {
    const script = 'cat; echo warn >&2; exit 3'
    expect(await run(['sh', '-c', script], { input: 'héllo', allowFailure: true })).toMatchObject({
      stdout: 'héllo',
      stderr: 'warn\n',
      exitCode: 3,
    })
  })

  it('uses no shell: its characters reach the program as they are', async () => {
    expect((await run(['printf', '%s|', '$HOME', '; id', "it's"])).stdout).toBe("$HOME|; id|it's|")
  })

  it('gives the program a short environment and what was asked for', async () => {
    const { stdout } = await run(['env'], { env: { ASKED: 'yes', LANG: undefined } })
    const names = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split('=')[0])
    expect(names).toContain('ASKED')
    expect(names).toContain('PATH')
    expect(names).not.toContain('LANG')
    expect(names).not.toContain('VITEST')
    expect(names).not.toContain('NODE_ENV')
  })

  it('a failing command names itself, its exit code and its last lines', async () => {
    const script = 'for i in 01 02 03 04 05 06 07 08 09 10 11; do echo line $i >&2; done; exit 7'
    await expect(run(['sh', '-c', script])).rejects.toMatchObject({
      message: `sh -c ${quote(script)} failed with exit code 7\n${lines(2, 11)}`,
      exitCode: 1,
      findings: [{ hint: `try it by hand: sh -c ${quote(script)}` }],
    })
  })

  it.each([
    ['kubectl-not-here', 'apt install kubectl-not-here, or add its folder to PATH'],
    ['envsubst', 'apt install gettext-base, or add its folder to PATH'],
    ['./nothing', 'look whether ./nothing is there and may be executed'],
  ])('a missing %s gets the way to install it', async (program, hint) => {
    await expect(run([program], { env: { PATH: folder } })).rejects.toMatchObject({
      message: `${program} is not installed`,
      findings: [{ hint }],
    })
  })

  it('a missing folder and a file that may not be executed are said as such', async () => {
    const gone = join(folder, 'gone')
    await expect(run(['true'], { cwd: gone })).rejects.toThrow(
      `true cannot start: the folder ${gone} is missing`,
    )
    const file = join(folder, 'text')
    writeFileSync(file, '')
    await expect(run([file])).rejects.toThrow(`${file} cannot start: it may not be executed`)
  })

  it('a command line that is too long is an error, not a crash', async () => {
    await expect(run(['true', 'x'.repeat(300_000)])).rejects.toThrow('E2BIG')
  })

  it.each([
    [[undefined], 'argument 1 of kubectl … is undefined'],
    [['get', null], 'argument 2 of kubectl get … is null'],
    [['a\0b'], "argument 1 of kubectl 'a\0b' is a text with a null byte"],
  ])('an argument that is missing never runs: %j', async (words, message) => {
    await expect(run(['kubectl', ...words] as string[])).rejects.toThrow(message)
  })

  it('a program that ignores SIGTERM is killed, and its children with it', async () => {
    const file = join(folder, 'pids')
    const script = `trap '' TERM; sh -c "trap '' TERM; echo \\$\\$ >>${file}; sleep 60; sleep 60" & echo $$ >>${file}; wait; sleep 60`
    const work = run(['sh', '-c', script], { timeoutSeconds: 0.5, killAfterSeconds: 0.2 })
    await expect(work).rejects.toThrow(/did not end within 0.5s and was stopped$/)
    const pids = readFileSync(file, 'utf8').trim().split('\n').map(Number)
    expect(pids).toHaveLength(2)
    await expect.poll(() => pids.filter(isAlive)).toEqual([])
  })

  it('stops the program when the signal is aborted, and starts none after', async () => {
    const controller = new AbortController()
    const work = run(['sleep', '60'], { signal: controller.signal })
    setTimeout(() => controller.abort(new Error('stop')), 50)
    await expect(work).rejects.toThrow('stop')
    await expect(run(['sleep', '60'], { signal: controller.signal })).rejects.toThrow('stop')
  })

  it('more output than the limit stops the program', async () => {
    await expect(run(['yes'], { maxOutputBytes: 1000 })).rejects.toThrow(
      'yes wrote more than the limit and was stopped',
    )
  })

  it('a character across two chunks arrives whole, in the result and on the way', async () => {
    let heard = ''
    const script = "printf '\\303'; sleep 0.2; printf '\\251'"
    const { stdout } = await run(['sh', '-c', script], { onOutput: (text) => (heard += text) })
    expect([stdout, heard]).toEqual(['é', 'é'])
  })

  it('a program that does not read its input is no error', async () => {
    expect((await run(['true'], { input: 'x'.repeat(1_000_000) })).exitCode).toBe(0)
  })

  it('a program that a signal ended is a failure even where failure is allowed', async () => {
    await expect(run(['sh', '-c', 'kill -9 $$'], { allowFailure: true })).rejects.toThrow(
      'was ended by SIGKILL',
    )
  })

  it('the command is shown without secrets, and so is its error', async () => {
    const shown: string[] = []
    onCommand((line) => shown.push(line))
    registerSecret('hunter2')
    const work = run(['sh', '-c', 'echo hunter2 mask3d >&2; exit 1'], { mask: ['mask3d'] })
    await expect(work).rejects.toMatchObject({
      message: "sh -c 'echo *** *** >&2; exit 1' failed with exit code 1\n*** ***",
    })
    expect(shown).toEqual(["$ sh -c 'echo *** *** >&2; exit 1'"])
  })
})

function lines(from: number, to: number): string {
  return Array.from({ length: to - from + 1 }, (_, n) => `line ${String(from + n).padStart(2, '0')}`).join(
    '\n',
  )
}

function isAlive(pid: number): boolean {
  try {
    // A zombie has ended: only nobody has asked how.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
