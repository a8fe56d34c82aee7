import { PassThrough } from 'node:stream'
import { afterEach, describe, expect, it } from 'vitest'
import { forgetSecrets, redact } from '../../tasks/lib/cli/redact.ts'
import type { Terminal } from '../../tasks/lib/cli/terminal/ask-until.ts'
import { ask, askHidden, askName, confirm } from '../../tasks/lib/cli/terminal/prompts.ts'

afterEach(forgetSecrets)

/** A terminal on which somebody types these lines, one as soon as each question stands. */
function typing(...lines: string[]): Terminal & { shown(): string } {
  const input = Object.assign(new PassThrough(), { isTTY: true })
  const output = Object.assign(new PassThrough(), { isTTY: true })
  let shown = ''
  output.on('data', (chunk) => {
    shown += chunk
    if (/[?:\]] (\x1b\[\d+G)?$/.test(String(chunk)) && lines.length > 0)
      setImmediate(() => input.write(lines.shift()!))
  })
  return { input, output, shown: () => shown.replace(/\x1b\[[\d;]*[A-Za-z]/g, '') }
}

describe('an answer', () => {
  it.each([
    ['y\r', true],
    ['Yes\r', true],
    ['n\r', false],
    ['\r', false],
  ])('%j to a question is %s', async (line, expected) => {
    expect(await confirm('apply 2 changes?', { terminal: typing(line) })).toBe(expected)
  })

  it('that is neither yes nor no is asked for again', async () => {
    const terminal = typing('perhaps\r', 'y\r')
    expect(await confirm('apply 2 changes?', { terminal })).toBe(true)
    expect(terminal.shown()).toContain('answer y or n\n')
  })

  it('that is empty takes the default', async () => {
    expect(await ask('domain?', { default: 'example.com', terminal: typing('\r') })).toBe('example.com')
    expect(await ask('domain?', { terminal: typing('\r', ' home.lan \r') })).toBe('home.lan')
  })

  it('that is secret is not shown, and is kept out of all output', async () => {
    const terminal = typing('hunter2\r')
    expect(await askHidden('passphrase?', { terminal })).toBe('hunter2')
    expect(terminal.shown()).toBe('passphrase? \n')
    expect(redact('hunter2')).toBe('***')
  })

  it('must be the very name before something is destroyed', async () => {
    await askName('home', { terminal: typing('home\r') })
    await expect(askName('home', { terminal: typing('y\r') })).rejects.toMatchObject({
      message: 'the name given is y, not home: nothing was changed',
      exitCode: 1,
    })
  })

  it('that is Ctrl-C ends with 130', async () => {
    await expect(confirm('go on?', { terminal: typing('\x03') })).rejects.toMatchObject({ exitCode: 130 })
  })

  it('that is Ctrl-D changes nothing', async () => {
    await expect(confirm('go on?', { terminal: typing('\x04') })).rejects.toMatchObject({ exitCode: 1 })
  })
})

describe('without a terminal nothing is asked, and the option that answers is named', () => {
  const terminal: Terminal = { input: new PassThrough(), output: new PassThrough() }
  it.each([
    ['a confirmation', () => confirm('apply?', { terminal }), 'answer it with --yes'],
    ['a name', () => askName('home', { terminal }), 'answer it with --confirm home'],
    [
      'a text',
      () => ask('domain?', { default: 'x', option: '--domain', terminal }),
      'answer it with --domain',
    ],
    ['a secret', () => askHidden('passphrase?', { terminal }), 'run the command in a terminal'],
  ])('%s', async (_, question, hint) => {
    await expect(question()).rejects.toMatchObject({ exitCode: 64, findings: [{ severity: 'error', hint }] })
  })

  it('the error repeats the question', async () => {
    await expect(ask('network?', { terminal })).rejects.toThrow('there is no terminal to ask on: network?')
  })
})
