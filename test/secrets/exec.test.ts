import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { tasksWords } from '../support/cli.ts'
import { dbSecret, keeper } from './keeper.ts'

const env = 'A=one two\nB=$HOME\nEMPTY=\nLINES=a\\nb\n'
const print = (...names: string[]) => names.map((name) => `printf '${name}=%s;' "$${name}"`).join('; ')

describe('tasks secrets:exec', () => {
  test('gives a program the variables of a file, as they are, and nobody else', async () => {
    const { tasks } = await keeper({ 'secrets/app.env': env })
    const command = ['sh', '-c', `${print('A', 'B', 'LINES', 'MINE')}; test -z "\${EMPTY-unset}"`]
    const { exitCode, stdout, stderr } = await tasks(['secrets:exec', 'app', '--', ...command], {
      env: { MINE: 'stays' },
    })
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout).toBe('A=one two;B=$HOME;LINES=a\nb;MINE=stays;')
  })

  test('gives those of a Secret decoded, under names that variables can have', async () => {
    const clear = dbSecret.replace(
      '    user: admin\n',
      '    tls.crt: "1"\n    2nd-user: admin\n    ca: "wins"\n',
    )
    const { tasks } = await keeper({ 'secrets/db.yml': clear })
    const command = ['sh', '-c', `${print('password', 'tls_crt', '_2nd_user', 'ca')}; env`]
    const { stdout } = await tasks(['secrets:exec', 'db', '--pristine', '--', ...command], {
      env: { MINE: 'not' },
    })
    expect(stdout).toContain('password=hunter22;tls_crt=1;_2nd_user=admin;ca=wins;')
    expect(stdout).not.toMatch(/^(MINE|kind|apiVersion|metadata)=/m)
  })

  test('gives the top level of YAML and JSON, and sections of INI; of several files the last one counts', async () => {
    const { tasks } = await keeper({
      'secrets/a.yaml': 'data: clear\nPORT: 5432\nON: true\nNONE: null\nMAP: {x: y}\n',
      'secrets/b.json': '{"PORT": 1, "BIG": 9007199254740993}',
      'secrets/c.ini': 'top = x\n[db]\nuser = y\n',
    })
    const names = ['data', 'PORT', 'ON', 'BIG', 'top', 'db_user']
    const command = ['sh', '-c', `${print(...names)}; printf "\${NONE-unset} \${MAP-unset}"`]
    const { stdout } = await tasks(['secrets:exec', 'a', 'b', 'c', '--', ...command])
    expect(stdout).toBe('data=clear;PORT=1;ON=true;BIG=9007199254740993;top=x;db_user=y;unset unset')
  })

  test('puts no shell between, and redacts nothing of what the program says', async () => {
    const { tasks } = await keeper({ 'secrets/app.env': env })
    const script = 'console.log(process.argv.slice(1).join("|"), process.env.A)'
    const words = ['$A', 'a b', "it's", '*', '--', '-x', '{}']
    const { stdout } = await tasks([
      'secrets:exec',
      'app',
      '--',
      process.execPath,
      '-e',
      script,
      '--',
      ...words,
    ])
    expect(stdout).toBe(`${words.join('|')} one two\n`)
  })

  test.each([
    ['its exit code', 'exit 7', 7],
    ['128 and the signal that ended it', 'kill -TERM $$', 143],
    ['the same for SIGKILL', 'kill -KILL $$', 137],
  ])('ends with %s', async (_, script, code) => {
    const { tasks } = await keeper({ 'secrets/app.env': env })
    expect((await tasks(['secrets:exec', 'app', '--', 'sh', '-c', script])).exitCode).toBe(code)
  })

  test('passes stdin on, and signals as often as they come', async () => {
    const { project, env: own } = await keeper({ 'secrets/app.env': env })
    const script =
      'trap "echo int" INT; trap "echo usr" USR1; trap "echo end; exit 5" TERM; read line; echo $line; while true; do sleep 0.05; done'
    const words = tasksWords(['secrets:exec', 'app', '--', 'sh', '-c', script])
    const child = spawn(process.execPath, words, { cwd: project, env: own })
    const signals: NodeJS.Signals[] = ['SIGINT', 'SIGINT', 'SIGUSR1', 'SIGTERM']
    let stdout = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
      for (const _ of text.matchAll(/\n/g)) {
        const next = signals.shift()
        if (next) child.kill(next)
      }
    })
    child.stdin.write('a line\n')
    const code = await new Promise((resolve) => child.on('close', resolve))
    expect({ code, stdout }).toEqual({ code: 5, stdout: 'a line\nint\nint\nusr\nend\n' })
  })

  test('has the terminal to itself: Ctrl-C reaches the program once', async () => {
    const { types } = await keeper({ 'secrets/app.env': env })
    const script =
      'let n = 0; process.on("SIGINT", () => n++ || setTimeout(() => { console.log(n, "time"); process.exit(4) }, 500)); ' +
      'setTimeout(() => {}, 20000); console.log("rea" + "dy")'
    const { exitCode, stdout } = await types(
      ['secrets:exec', 'app', '--', process.execPath, '-e', script],
      [['ready', '^C']],
    )
    expect(stdout).toContain('1 time\n')
    expect(stdout).not.toContain('stopping')
    expect(exitCode).toBe(4)
  })
})

describe('tasks secrets:exec --file', () => {
  test('gives a program the clear text as a file that has no name, as often as it reads it', async () => {
    const { tasks } = await keeper({ 'secrets/app.env': env })
    const script = 'cat "$1"; cat "$1"; stat -L -c %s "$1"; readlink /proc/self/fd/3; test -z "$A"'
    const { exitCode, stdout } = await tasks([
      'secrets:exec',
      '--file',
      'app',
      '--',
      'sh',
      '-c',
      script,
      'sh',
      '{}',
    ])
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(
      /^(A=one two\nB=\$HOME\nEMPTY=\nLINES=a\\nb\n){2}36\n\/dev\/shm\/.* \(deleted\)\n$/,
    )
  })

  test('in another format, and inside of a word', async () => {
    const { tasks } = await keeper({ 'secrets/app.env': 'A=1\n' })
    const words = [
      '--file',
      '--format',
      'json',
      'app',
      '--',
      'sh',
      '-c',
      'cat "${1#--config=}"',
      'sh',
      '--config={}',
    ]
    expect((await tasks(['secrets:exec', ...words])).stdout).toBe('{\n\t"A": "1"\n}\n')
  })

  test('leaves nothing in memory even while the program runs', async () => {
    const { tasks } = await keeper({ 'secrets/app.env': env })
    const { stdout } = await tasks([
      'secrets:exec',
      '--file',
      'app',
      '--',
      'sh',
      '-c',
      'ls /dev/shm; echo $PPID',
      '{}',
    ])
    const pid = stdout.trim().split('\n').at(-1)
    expect(stdout).not.toContain(`-${pid}-`)
    expect(readdirSync('/dev/shm').filter((name) => name.includes(`-${pid}-`))).toEqual([])
  })
})

describe('a mistake is answered before anything runs:', () => {
  test.each<[string[], number, string]>([
    [['app'], 64, 'the program to run is missing: it stands behind --'],
    [['--', 'env'], 64, 'the secret file is missing: its name stands before --'],
    [['--file', 'app', '--', 'cat'], 64, '--file needs {} in the command'],
    [['--file', 'app', 'app', '--', 'cat', '{}'], 64, '--file is for one secret file'],
    [['ap', '--', 'env'], 1, 'did you mean app?'],
    [['app', '--', 'no-such-program'], 1, 'no-such-program is not installed'],
    [['twice', '--', 'env'], 1, 'a-b and a_b are both the variable a_b'],
    [['bytes', '--', 'env'], 1, 'data.bin is no text: no variable can hold it'],
    [['map', '--', 'env'], 1, 'has no values that could be variables'],
  ])('%j', async (words, code, message) => {
    const { tasks } = await keeper({
      'secrets/app.env': env,
      'secrets/twice.json': '{"a-b": 1, "a_b": 2}',
      'secrets/bytes.yaml': 'apiVersion: v1\nkind: Secret\nmetadata: {name: x}\ndata: {bin: /wA=}\n',
      'secrets/map.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {a: b}\n',
    })
    const { exitCode, stdout, stderr } = await tasks(['secrets:exec', ...words])
    expect({ exitCode, stdout }).toEqual({ exitCode: code, stdout: '' })
    expect(stderr).toContain(message)
  })
})
