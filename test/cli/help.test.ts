import { expect, test } from 'vitest'
import { globalOptionLines, taskHelp } from '../../tasks/lib/cli/commands/help.ts'
import { defineTask } from '../../tasks/lib/cli/task.ts'

test('help shows everything that a task takes, with defaults, choices and examples', () => {
  const task = defineTask(import.meta, {
    group: 'manifests',
    summary: 'print the objects of manifests',
    description: `
      Variables are substituted, and nothing is sent anywhere. This paragraph is long enough to be broken into two lines.

        name    value
        DOMAIN  example.org`,
    arguments: {
      names: { summary: 'names or paths of manifests', required: true, many: true },
    },
    options: {
      output: { type: 'string', short: 'o', summary: 'format', choices: ['yaml', 'json'], default: 'yaml' },
      subst: { type: 'string', summary: 'mode', choices: ['strict', 'none'], valueName: 'MODE' },
      vars: { type: 'string', summary: 'a file with variables', valueName: 'FILE' },
      wait: { type: 'boolean', summary: 'wait until it is ready', default: true },
      tries: { type: 'number', summary: 'how often', default: 0 },
      veryLongNameOfAnOption: { type: 'list', summary: 'takes a line of its own' },
    },
    examples: [
      ['tasks render web', 'print what manifests/web.yaml becomes'],
      ['tasks render web -o json', 'the same as one List'],
    ],
    async run() {},
  })
  expect(taskHelp({ name: 'render', task })).toBe(`usage: tasks render NAMES… [OPTIONS]

print the objects of manifests

Variables are substituted, and nothing is sent anywhere. This paragraph is long enough
to be broken into two lines.

  name    value
  DOMAIN  example.org

arguments:
  NAMES  names or paths of manifests

options:
  -o, --output yaml|json  format; default yaml
      --subst MODE        mode; one of strict, none
      --vars FILE         a file with variables
      --wait              wait until it is ready; default on
      --tries NUMBER      how often; default 0
      --very-long-name-of-an-option VERY-LONG-NAME-OF-AN-OPTION
                          takes a line of its own

options of every task:
      --dry-run       show what would change and stop
      --only STEP,…   only these steps, by name
  -y, --yes           do not ask before applying a plan
      --confirm NAME  the name that a destructive task asks for
  -v, --verbose       show every command
      --json          print one JSON document
      --sandbox       rehearse the configuration in the sandbox
  -h, --help          show this help

examples:
  tasks render web
      print what manifests/web.yaml becomes
  tasks render web -o json
      the same as one List
`)
})

test('an optional argument stands in brackets, and sections without lines are left out', () => {
  const task = defineTask(import.meta, {
    group: 'nodes',
    summary: 'facts',
    arguments: { node: { summary: 'one node' } },
    examples: [['tasks nodes', 'all of them']],
    async run() {},
  })
  const help = taskHelp({ name: 'nodes', task })
  expect(help).toMatch(
    /^usage: tasks nodes \[NODE\] \[OPTIONS\]\n\nfacts\n\narguments:\n {2}NODE {2}one node\n\noptions of every/,
  )
})

test('tasks --help ends with the options of every task', () => {
  expect(globalOptionLines()[0]).toBe('options of every task:')
  expect(globalOptionLines()).toHaveLength(9)
})
