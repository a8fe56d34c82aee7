import { describe, expect, test } from 'vitest'
import { parseCommandLine } from '../../tasks/lib/cli/commands/arguments.ts'
import { type Finding, UsageError } from '../../tasks/lib/cli/errors.ts'
import { defineTask } from '../../tasks/lib/cli/task.ts'

const task = defineTask(import.meta, {
  group: 'manifests',
  summary: 'print objects',
  arguments: { names: { summary: 'manifests to print', required: true, many: true } },
  options: {
    output: { type: 'string', short: 'o', summary: 'format', choices: ['yaml', 'json'], default: 'yaml' },
    vars: { type: 'string', summary: 'variables', valueName: 'FILE' },
    retries: { type: 'number', summary: 'tries', default: 3 },
    labels: { type: 'list', short: 'l', summary: 'labels' },
    forceConflicts: { type: 'boolean', short: 'f', summary: 'take fields over' },
    wait: { type: 'boolean', summary: 'wait', default: true },
  },
  examples: [['tasks render web', 'print it']],
  async run() {},
})
const named = { name: 'render', task }

const usual = {
  output: 'yaml',
  vars: undefined,
  retries: 3,
  labels: [],
  forceConflicts: false,
  wait: true,
  dryRun: false,
  only: [],
  yes: false,
  confirm: undefined,
  verbose: false,
  json: false,
  sandbox: false,
}

describe('options', () => {
  test.each<[string, Partial<typeof usual> | Record<string, unknown>]>([
    ['web', {}],
    ['web -o json', { output: 'json' }],
    ['web -ojson', { output: 'json' }],
    ['web -o=json', { output: 'json' }],
    ['web --output json', { output: 'json' }],
    ['--output=json web', { output: 'json' }],
    ['web --vars=', { vars: '' }],
    ['web --vars=a=b', { vars: 'a=b' }],
    ['web --vars -', { vars: '-' }],
    ['web --retries 0', { retries: 0 }],
    ['web --retries -1', { retries: -1 }],
    ['web --retries=1.5', { retries: 1.5 }],
    ['web -l a -l b,c', { labels: ['a', 'b', 'c'] }],
    ['web -fy', { forceConflicts: true, yes: true }],
    ['web -fo json', { forceConflicts: true, output: 'json' }],
    ['web --force-conflicts=true --wait=false', { forceConflicts: true, wait: false }],
    ['web --no-wait', { wait: false }],
    ['web --no-wait --no-wait', { wait: false }],
    [
      'web --dry-run --only flannel,namespaces --confirm home --json --sandbox -v',
      {
        dryRun: true,
        only: ['flannel', 'namespaces'],
        confirm: 'home',
        json: true,
        sandbox: true,
        verbose: true,
      },
    ],
  ])('%s', (line, expected) => {
    expect(parseCommandLine(named, line.split(' '))).toEqual({
      arguments: { names: ['web'] },
      options: { ...usual, ...expected },
    })
  })
})

describe('arguments', () => {
  test('what follows -- are arguments, options included', () => {
    const parsed = parseCommandLine(named, ['--json', '--', 'web', '--output', '-x'])
    expect(parsed).toMatchObject({ arguments: { names: ['web', '--output', '-x'] }, options: { json: true } })
  })

  test('each argument takes one word and the last may take the rest', () => {
    const exec = { ...task, arguments: { name: { summary: 'a' }, command: { summary: 'b', many: true } } }
    const parsed = parseCommandLine({ name: 'exec', task: exec }, ['a', 'b', 'c'])
    expect(parsed).toMatchObject({ arguments: { name: 'a', command: ['b', 'c'] } })
  })

  test('an optional argument may be left out', () => {
    const optional = { ...task, arguments: { name: { summary: 'a' } } }
    expect(parseCommandLine({ name: 'x', task: optional }, [])).toMatchObject({
      arguments: { name: undefined },
    })
  })
})

describe('help', () => {
  test.each(['--help', '-h', 'web -h --nonsense', '-vh'])(
    '%s asks for help, whatever else is wrong',
    (line) => {
      expect(parseCommandLine(named, line.split(' '))).toBe('help')
    },
  )

  test('after -- it is a word', () => {
    expect(parseCommandLine(named, ['--', '--help'])).not.toBe('help')
  })
})

describe('wrong usage', () => {
  test.each<[string, string[]]>([
    ['', ['NAMES is missing: manifests to print', 'see tasks render --help']],
    ['web --outptu json', ['unknown option --outptu', 'did you mean --output? see tasks render --help']],
    ['web --frobnicate', ['unknown option --frobnicate', 'see tasks render --help']],
    ['web -x', ['unknown option -x', 'see tasks render --help']],
    ['web --no-wiat', ['unknown option --no-wiat', 'did you mean --no-wait? see tasks render --help']],
    [
      'web --force_conflicts',
      ['unknown option --force_conflicts', 'did you mean --force-conflicts? see tasks render --help'],
    ],
    ['web -o xml', ['-o xml: expected yaml or json', 'see tasks render --help']],
    [
      'web --output jsn',
      ['--output jsn: expected yaml or json', 'did you mean json? see tasks render --help'],
    ],
    ['web --output=', ['--output "": expected yaml or json', 'see tasks render --help']],
    ['web --retries many', ['--retries many: expected a number', 'see tasks render --help']],
    ['web --retries=', ['--retries "": expected a number', 'see tasks render --help']],
    ['web --vars', ['--vars needs a value: --vars FILE', 'see tasks render --help']],
    ['web --vars --json', ['--vars needs a value: --vars FILE', 'see tasks render --help']],
    ['web -o', ['-o needs a value: -o yaml|json', 'see tasks render --help']],
    ['web --json=1', ['--json=1: --json takes no value', 'see tasks render --help']],
    ['web --vars a --vars b', ['--vars is given twice: a and b', 'see tasks render --help']],
    ['web --wait --no-wait', ['--wait is given twice: true and false', 'see tasks render --help']],
  ])('tasks render %s', (line, expected) => {
    const error = failure(() => parseCommandLine(named, line === '' ? [] : line.split(' ')))
    expect(error.exitCode).toBe(64)
    expect(spoken(error.findings)).toEqual([expected])
    expect(error.message).toBe(expected[0])
  })

  test('too many arguments are named one by one', () => {
    const one = { ...task, arguments: { name: { summary: 'a' } } }
    const error = failure(() => parseCommandLine({ name: 'diff', task: one }, ['web', 'db', 'dry-run']))
    expect(spoken(error.findings)).toEqual([
      ['unexpected argument db: tasks diff takes only NAME', 'see tasks diff --help'],
      [
        'unexpected argument dry-run: tasks diff takes only NAME',
        'did you mean --dry-run? see tasks diff --help',
      ],
    ])
  })

  test('everything that is wrong is said at once', () => {
    const error = failure(() => parseCommandLine(named, ['--retries', 'many', '-o', 'xml', '--jsn']))
    expect(error.message).toBe('4 errors in the command line')
    expect(error.findings.map(({ message }) => message)).toEqual([
      'unknown option --jsn',
      '-o xml: expected yaml or json',
      '--retries many: expected a number',
      'NAMES is missing: manifests to print',
    ])
  })
})

function failure(work: () => unknown): UsageError {
  try {
    work()
  } catch (error) {
    if (error instanceof UsageError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

function spoken(findings: Finding[]): (string | undefined)[][] {
  return findings.map(({ message, hint }) => [message, hint])
}
