import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import type { Terminal } from '../../tasks/lib/cli/terminal/ask-until.ts'
import { ask } from '../../tasks/lib/cli/terminal/prompts.ts'
import {
  type Asker,
  type StarterOptions,
  starterAnswers,
} from '../../tasks/lib/config/starter/starter-questions.ts'

const nobody: Asker = { interactive: false, ask: () => expect.unreachable() }
const none: StarterOptions = { yes: false, nodes: [], 'control-planes': [], 'load-balancer-range': [] }

test('--yes takes the defaults: the sandbox', async () => {
  expect(await starterAnswers({ ...none, yes: true }, nobody)).toMatchObject({
    domain: 'example.com',
    namespace: 'worker',
    nodes: [],
    controlPlanes: [],
    loadBalancerRanges: [],
  })
})

test('--yes with nodes makes three of five control planes', async () => {
  const nodes = ['kube1=192.168.1.11', 'kube2', 'kube3', 'kube4', 'kube5']
  const { controlPlanes } = await starterAnswers({ ...none, yes: true, nodes }, nobody)
  expect(controlPlanes).toEqual(['kube1', 'kube2', 'kube3'])
})

test('what is typed on a terminal is the answer; a wrong one is asked for again', async () => {
  const terminal = typing(
    'home.lan\r',
    '\r',
    'Europe/Berlin\r',
    'Kube1\r',
    'kube1=192.168.1.11 kube2\r',
    '\r',
    'none\r',
  )
  const answers = await starterAnswers(none, {
    interactive: true,
    ask: (question, options) => ask(question, { ...options, terminal }),
  })
  expect(answers).toEqual({
    domain: 'home.lan',
    namespace: 'worker',
    timezone: 'Europe/Berlin',
    nodes: [{ name: 'kube1', address: '192.168.1.11' }, { name: 'kube2' }],
    controlPlanes: ['kube1'],
    loadBalancerRanges: [],
  })
  expect(terminal.shown()).toContain(
    '"Kube1" is not a lower-case host name of at most 63 characters: did you mean kube1?',
  )
})

test('without a terminal every missing answer is named, exit code 64', async () => {
  const asking = starterAnswers({ ...none, domain: 'home.lan', nodes: ['kube1'] }, nobody)
  await expect(asking).rejects.toMatchObject({
    exitCode: 64,
    findings: [
      { message: 'there is no terminal to ask on, and no --namespace' },
      { message: 'there is no terminal to ask on, and no --timezone' },
      { message: 'there is no terminal to ask on, and no --load-balancer-range' },
      {
        message: 'there is no terminal to ask on, and no --control-planes',
        hint: 'give them, or take the defaults with --yes',
      },
    ],
  })
})

test.each<[Partial<StarterOptions>, string]>([
  [{ domain: 'Home' }, '--domain: "Home" is not a lower-case host name: did you mean home?'],
  [
    { nodes: ['kube1=192.168.1'] },
    '--nodes: "192.168.1" is not an IPv4 or IPv6 address: for example 192.168.1.11',
  ],
  [{ nodes: ['kube1'], 'control-planes': ['kube2'] }, '--control-planes: kube2 is none of kube1'],
  [
    { timezone: 'Berlin' },
    '--timezone: "Berlin" is not a name of the time zone database: for example Europe/Berlin',
  ],
])('an option with a wrong value is refused: %j', async (given, message) => {
  await expect(starterAnswers({ ...none, yes: true, ...given }, nobody)).rejects.toMatchObject({
    message,
    exitCode: 64,
  })
})

/** A terminal on which somebody types these lines, one after each question. */
function typing(...lines: string[]): Terminal & { shown(): string } {
  const input = Object.assign(new PassThrough(), { isTTY: true })
  const output = Object.assign(new PassThrough(), { isTTY: true })
  let shown = ''
  output.on('data', (chunk) => {
    shown += chunk
    if (/\] (\x1b\[\d+G)?$/.test(String(chunk)) && lines.length > 0)
      setImmediate(() => input.write(lines.shift()!))
  })
  return { input, output, shown: () => shown }
}
