import { spawnSync } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { complete } from '../../tasks/lib/cli/commands/completion.ts'
import { quoteAll } from '../../tasks/lib/cli/process/quote.ts'
import { packageRoot } from '../../tasks/lib/cli/root.ts'
import { run, runTasks, tasksWords, temporaryFolder, writeFiles } from '../support/cli.ts'

const show = `
  import { defineTask } from '${packageRoot()}/tasks/lib/cli/task.ts'
  export default defineTask(import.meta, {
    group: 'manifests',
    summary: 'show: it is a thing',
    arguments: { names: { summary: 'what', many: true, complete: 'manifests' } },
    options: {
      output: { type: 'string', short: 'o', summary: 'format', choices: ['yaml', 'json'] },
      on: { type: 'string', summary: 'a node', complete: 'nodes' },
      after: { type: 'string', summary: 'a task', complete: 'tasks' },
    },
    examples: [['tasks zz-show web', 'it']],
    async run() {},
  })`

function project(): string {
  return temporaryFolder({
    'tasks/zz-show.ts': show,
    'tasks/zz-secrets/new.ts': show,
    'manifests/zz-web.yaml': '',
    'manifests/zz-db.yaml': '',
    'cluster.yaml': 'nodes:\n  - name: kube1\n  - name: kube2\n',
  })
}

describe('candidates', () => {
  test.each<[string, string[]]>([
    ['zz-', ['zz-secrets:new\tshow: it is a thing', 'zz-show\tshow: it is a thing']],
    ['help zz-sh', ['zz-show\tshow: it is a thing']],
    ['--sandbox zz-sh', ['zz-show\tshow: it is a thing']],
    ['zz-show zz', ['zz-db', 'zz-web']],
    ['zz-show zz-db zz', ['zz-web']],
    ['zz-show -o json zz-d', ['zz-db']],
    ['zz-show -o ', ['yaml', 'json']],
    ['zz-show --output=', ['--output=yaml', '--output=json']],
    ['zz-show --output j', ['json']],
    ['zz-show --on ', ['kube1', 'kube2']],
    ['zz-show --after zz-sh', ['zz-show\tshow: it is a thing']],
    ['zz-show --o', ['--output\tformat', '--on\ta node', '--only\tonly these steps, by name']],
    ['zz-show -- --o', []],
    ['no-such-task ', []],
  ])('after "tasks %s"', async (line, expected) => {
    expect(await complete(line.split(' '), project())).toEqual(expected)
  })

  test('all of them are asked for when nothing is typed yet', async () => {
    const found = (await complete([''], project())).map((line) => line.split('\t')[0])
    expect(found).toEqual(expect.arrayContaining(['completion', 'zz-show', 'zz-secrets:new']))
  })

  test('tasks completion --words prints them', async () => {
    const ran = await runTasks(['completion', '--words', 'zz-show', '--on', ''], { cwd: project() })
    expect(ran).toEqual({ exitCode: 0, stdout: 'kube1\nkube2\n', stderr: '' })
  })

  test('an unknown shell is wrong usage', async () => {
    expect(await runTasks(['completion', 'bsh'])).toEqual({
      exitCode: 64,
      stdout: '',
      stderr: 'error: no completion for bsh: expected bash, zsh or fish\nhint: did you mean bash?\n',
    })
  })
})

const isMissing = (shell: string) => spawnSync(shell, ['--version']).error !== undefined

describe('bash', () => {
  test.skipIf(isMissing('bash'))(
    'completes words, with ":" and "=" in them (skipped without bash)',
    async () => {
      const { cwd, env } = await installed('bash')
      const program = `
      source "$SCRIPT"
      complete -p tasks
      for line in 'tasks zz-' 'tasks zz-secrets:n' 'tasks zz-show zz-w' 'tasks zz-show --output=j' 'tasks nothing x'; do
        COMP_LINE="$line" COMP_POINT=\${#line}
        _tasks
        printf '%s =>%s\\n' "$line" "$(printf ' %s' "\${COMPREPLY[@]}")"
      done`
      const { stdout } = await run('bash', ['--norc', '-c', program], { cwd, env })
      expect(stdout.split('\n').map((line) => line.trimEnd())).toEqual([
        'complete -o default -F _tasks tasks',
        'tasks zz- => zz-secrets:new zz-show',
        'tasks zz-secrets:n => new',
        'tasks zz-show zz-w => zz-web',
        'tasks zz-show --output=j => json',
        'tasks nothing x =>',
        '',
      ])
    },
  )
})

describe('zsh', () => {
  test.skipIf(isMissing('zsh'))('completes at a real prompt (skipped without zsh)', async () => {
    const { cwd, env } = await installed('zsh')
    const program = `
      zmodload zsh/zpty
      zpty shell zsh -f -i
      zpty -w shell 'autoload -Uz compinit; compinit -u -D; source "$SCRIPT"; echo rea""dy'
      expect() { zpty -r -m shell seen "*$1*" && print "seen $1" }
      expect ready
      zpty -n -w shell $'tasks zz-sec\\t'; expect zz-secrets:new
      zpty -n -w shell $'\\C-utasks zz-show zz-w\\t'; expect zz-web
      zpty -n -w shell $'\\C-utasks zz-show --output=j\\t'; expect --output=json
      zpty -n -w shell $'\\C-utasks nothing clust\\t'; expect cluster.yaml
      zpty -d shell`
    const { stdout } = await run('timeout', ['25', 'zsh', '-f', '-c', program], { cwd, env })
    const seen = ['ready', 'zz-secrets:new', 'zz-web', '--output=json', 'cluster.yaml']
    expect(stdout).toBe(seen.map((text) => `seen ${text}\n`).join(''))
  })
})

describe('fish', () => {
  test.skipIf(isMissing('fish'))(
    'completes words and falls back to files (skipped without fish)',
    async () => {
      const { cwd, env } = await installed('fish')
      const program = `
      source $SCRIPT
      for line in 'tasks zz-' 'tasks zz-secrets:n' 'tasks zz-show zz-w' 'tasks zz-show --output=j' 'tasks nothing clu'
        echo $line '=>' (complete -C $line | cut -f 1)
      end`
      const { stdout } = await run('fish', ['--no-config', '-c', program], { cwd, env })
      expect(stdout.split('\n')).toEqual([
        'tasks zz- => zz-secrets:new zz-show',
        'tasks zz-secrets:n => zz-secrets:new',
        'tasks zz-show zz-w => zz-web',
        'tasks zz-show --output=j => --output=json',
        'tasks nothing clu => cluster.yaml',
        '',
      ])
    },
  )
})

/** A project, a `tasks` on PATH and the script that it prints for the shell. */
async function installed(shell: string) {
  const cwd = project()
  const program = `#!/bin/sh\nexec ${quoteAll([process.execPath, ...tasksWords()])} "$@"\n`
  const { stdout } = await runTasks(['completion', shell], { cwd })
  const bin = temporaryFolder()
  writeFiles(bin, { tasks: program, script: stdout })
  chmodSync(join(bin, 'tasks'), 0o755)
  const env = { PATH: `${bin}:${process.env.PATH}`, SCRIPT: join(bin, 'script'), HOME: bin, TERM: 'dumb' }
  return { cwd, env: { ...env, COLUMNS: '200' } }
}
