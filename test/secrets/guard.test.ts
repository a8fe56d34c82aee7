import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { guardIndex } from '../../tasks/lib/secrets/guard/guard.ts'
import { isSealedByItsLines } from '../../tasks/lib/secrets/guard/sealed-lines.ts'
import { intrudersOfSealed } from '../../tasks/lib/secrets/guard/selected-values.ts'
import { runTasks, temporaryFolder, writeFiles } from '../support/cli.ts'
import { gpgHome, makeKey } from '../support/gpg.ts'
import { noKeys, sops, sops312 } from '../support/sops.ts'

const recipient = 'age1lzd99uklcjnc0e7d860axevet2cz99ce9pq6tzuzd05l5nr28ams36nvun'
const rules = `creation_rules:
  - path_regex: ^secrets/.*
    encrypted_regex: ^(data|stringData)$
    age: ${recipient}
`
const secret =
  'apiVersion: v1\nkind: Secret\nmetadata:\n  name: web\nstringData:\n  password: hunter2hunter2\n'

describe('secrets:guard refuses', () => {
  test('a file that a creation rule wants encrypted', async () => {
    expect(await guarded({ '.sops.yaml': rules, 'secrets/web.yaml': secret })).toEqual([
      'secrets/web.yaml:6: stringData.password is not encrypted',
    ])
  })

  test('a file of another kind that a creation rule wants encrypted as a whole', async () => {
    const config = `creation_rules:\n  - path_regex: ^secrets/\n    age: ${recipient}\n`
    const files = {
      'secrets/a.env': 'A=b\n',
      'secrets/b.json': '{"a": {"b": 1}}',
      'secrets/c.pdf': '%PDF',
      'secrets/d.yaml': 'a: [1',
      'secrets/e.ini': '[s]\na = b\n',
    }
    expect((await guarded({ '.sops.yaml': config, ...files })).map((line) => line.split(': ')[0])).toEqual([
      'secrets/a.env:1',
      'secrets/b.json:1',
      'secrets/c.pdf',
      expect.stringMatching(/^secrets\/d.yaml/),
      'secrets/e.ini:2',
    ])
  })

  test('a value that was added to an encrypted file by hand', async () => {
    const sealed = encrypted(secret).replace('stringData:\n', 'stringData:\n    added: by hand\n')
    expect(await guarded({ 'secrets/web.yaml': sealed })).toEqual([
      'secrets/web.yaml:6: stringData.added is not encrypted',
    ])
  })

  test('a list element and a block text that were added to an encrypted file by hand', async () => {
    const clear = 'a:\n    - one\nb: two\n'
    const sealed = encrypted(clear, []).replace('b: ', '    - added\nc: |\n    more\n    of it\nb: ')
    expect(await guarded({ 'x.yaml': sealed })).toEqual(['x.yaml:3: a, c are not encrypted'])
  })

  // Most files are judged by their lines alone: whatever is added, that must never say less than the parser does.
  test('any kind of value that was added to an encrypted file by hand, wherever it stands', async () => {
    const clear =
      'name_unencrypted: x\nlist:\n    - one\n    - two\nmap:\n    inner:\n        a: one\nlast: 1\n'
    const added = [
      'a',
      '- a',
      '- b: a',
      'b: a',
      'b: "a"',
      "b: 'it''s'",
      'b: |\n  a',
      'b: >-\n  a',
      'b: &x a',
      'b: !!str a',
    ]
    const odd = [
      'b: {c: a}',
      'b: [a]',
      '? b\n: a',
      '"b": a',
      'b c: a',
      'b: a # c',
      'b: ENC[AES256_GCM,a]',
      'b:\n  a',
      '- - a',
    ]
    const sealed = [clear, `${clear}---\n${clear}`].map((text) => encrypted(text, []))
    for (const text of sealed) {
      expect(isSealedByItsLines(text)).toBe(true)
      const lines = text.split('\n')
      for (const [at, indent, line] of positions(lines).flatMap((where) =>
        [...added, ...odd].map((each) => [...where, each] as const),
      )) {
        const changed = lines.toSpliced(at, 0, line.replaceAll(/^/gm, ' '.repeat(indent))).join('\n')
        if (!isSealedByItsLines(changed)) continue
        const found = await intrudersOfSealed(Buffer.from(changed), { file: 'x.yaml', type: 'yaml' })
        expect({ changed, found }).toEqual({ changed, found: [] })
      }
    }
  })

  test('what was added to a sops block by hand, which no MAC covers', async () => {
    const sealed = encrypted('a: one\n---\nb: two\n', [])
    const last = sealed.lastIndexOf('    mac:')
    const added = {
      'a.yaml': sealed.replace('    mac:', '    password: added\n    mac:'),
      'b.yaml': `${sealed.slice(0, last)}    password: added\n${sealed.slice(last)}`,
      'c.yaml': sealed.replace('- enc:', '- password: added\n          enc:'),
      'd.yaml': sealed.replace('    mac:', '    # added\n    mac:'),
      'e.yaml': sealed.replace('version: ', 'version: # added\n        '),
      'f.json': encrypted('{"a": "one"}', [], 'json').replace('"mac"', '"password": "added", "mac"'),
    }
    expect((await guarded(added)).map((line) => line.replace(/:\d+/, ''))).toEqual([
      'a.yaml: sops.password is not encrypted',
      'b.yaml: sops.password is not encrypted',
      'c.yaml: sops.age.password is not encrypted',
      'd.yaml: a comment in sops is not encrypted',
      'e.yaml: a comment in sops is not encrypted',
      'f.json: sops.password is not encrypted',
    ])
  })

  test('clear values of any Secret, in lists, in JSON and in templates', async () => {
    const files = {
      'json.json': JSON.stringify(
        { kind: 'List', items: [{ kind: 'Secret', data: { a: 'Zm9v' } }] },
        null,
        1,
      ),
      'many.yaml': `kind: ConfigMap\ndata: {a: b}\n---\n${secret}---\n${secret.replace('web', 'db')}`,
      'template.yaml': '{{ if .x }}\nkind: Secret\nstringData:\n  a: {{ .a }}\n  b: clear\n{{ end }}\n',
    }
    expect(await guarded(files)).toEqual([
      'json.json:7: a Secret: a is not encrypted',
      'many.yaml:9: password is not encrypted',
      'template.yaml:5: a Secret: b is not encrypted',
    ])
  })

  test('private keys without a passphrase, wherever they stand', async () => {
    const folder = temporaryFolder()
    const files = {
      'in.json': JSON.stringify({ key: sshKey(folder, '') }),
      'in.yaml': `key: |\n${sshKey(folder, '').replaceAll(/^/gm, '  ')}`,
      'keys.txt': `# created\nAGE-SECRET-KEY-1${'Q'.repeat(58)}\n`,
      protected: sshKey(folder, 'correct horse'),
    }
    const found = await guarded(files)
    expect(found).toEqual([
      'in.json:1: an SSH private key without a passphrase',
      'in.yaml:2: an SSH private key without a passphrase',
      'keys.txt:2: an age identity without a passphrase',
      'protected:1: an SSH private key is in the repository, and only its passphrase protects it',
    ])
  })

  test('decrypted copies, and secret files whose metadata is damaged', async () => {
    const sealed = encrypted(secret)
    const conflict = sealed.replace(
      / {4}version.*/,
      '<<<<<<< ours\n    version: 1\n=======\n    version: 2\n>>>>>>> theirs',
    )
    const files = {
      'conflict.yaml': conflict,
      'lost.yaml': sealed.replace(/^sops:[\s\S]*/m, ''),
      'no-mac.yaml': sealed.replace(/^ {4}mac: .*\n/m, ''),
      'web.yaml.dec': 'a: b\n',
    }
    expect((await guarded(files)).map((line) => line.split(':')[0])).toEqual(Object.keys(files))
  })
})

describe('secrets:guard lets pass', () => {
  test('encrypted files of every kind', async () => {
    const files = {
      'secrets/a.yaml': encrypted(secret),
      'secrets/b.yaml': encrypted(`# a comment\n${secret}---\n${secret}`),
      'secrets/c.json': encrypted('{"data": {"a": 1}}', [], 'json'),
      'secrets/d.env': encrypted('# x\nA=b\n', [], 'dotenv'),
      'secrets/e.ini': encrypted('[s]\na = b\n', [], 'ini'),
      'secrets/f.bin': encrypted('anything', [], 'binary'),
    }
    expect(await guarded({ '.sops.yaml': rules, ...files })).toEqual([])
  })

  test('files for PGP and age keys in groups, of two versions of sops, by their lines alone', async () => {
    const home = await gpgHome()
    onTestFinished(() => home.remove())
    const [one, two] = [1, 2].map((name) => makeKey(home, { name: `key${name}` }))
    const rules = `creation_rules:
  - key_groups:
      - age: [${recipient}]
        pgp: ['${one}']
      - pgp: ['${two}']
`
    const cwd = temporaryFolder({ '.sops.yaml': rules })
    for (const program of [sops, sops312]) {
      const run = (...argv: string[]) =>
        execFileSync(program, ['encrypt', ...argv, '--filename-override', 'x.yaml'], {
          input: 'a: one\nb: two\n',
          env: { ...noKeys, ...home.environment },
          encoding: 'utf8',
          cwd,
        })
      const grouped = run()
      expect(grouped).toContain('key_groups')
      expect(isSealedByItsLines(grouped)).toBe(true)
      expect(isSealedByItsLines(run('--pgp', `${one},${two}`, '--age', recipient))).toBe(true)
    }
  })

  test('variables, template expressions and what is empty', async () => {
    const values = 'a: $A\n  b: ${B}\n  c: ""\n  d:\n  e: "{{ .Values.e }}"\n'
    expect(await guarded({ 'a.yaml': `kind: Secret\nstringData:\n  ${values}` })).toEqual([])
    expect(await guarded({ 'a.yaml': 'kind: Secret\nstringData: {a: ${A}, b: $B}\n' })).toEqual([])
  })

  test('public keys, READMEs and other kinds below a rule for Secrets', async () => {
    const files = {
      'secrets/README.md': '# Secrets',
      'secrets/keys/anna.age': recipient,
      'secrets/.gitkeep': 'x',
      'secrets/config.yaml': 'apiVersion: v1\nkind: ConfigMap\ndata: {a: b}\n',
    }
    expect(await guarded({ '.sops.yaml': rules, ...files })).toEqual([])
  })

  test('everything below a rule that has no path_regex', async () => {
    const config = `creation_rules:\n  - age: ${recipient}\n`
    expect(await guarded({ '.sops.yaml': config, 'a.yaml': 'a: b\n' })).toEqual([])
  })

  test('documentation that only names private keys', async () => {
    const text = 'starts with AGE-SECRET-KEY-1, or `-----BEGIN OPENSSH PRIVATE KEY-----` and an end\n'
    expect(await guarded({ 'README.md': text })).toEqual([])
  })

  test('files that .gitattributes takes out', async () => {
    const attributes = 'fixtures/** -secrets-guard\n'
    expect(await guarded({ '.gitattributes': attributes, 'fixtures/a.yaml': secret })).toEqual([])
  })
})

describe('secrets:guard reads the index', () => {
  test('and not the folder', async () => {
    const folder = repository({ 'a.yaml': secret })
    writeFiles(folder, { 'a.yaml': 'kind: ConfigMap\n' })
    expect(await guardedIn(folder)).toHaveLength(1)
    git(folder, 'add', '.')
    writeFiles(folder, { 'a.yaml': secret })
    expect(await guardedIn(folder)).toEqual([])
  })

  test('only what differs from the last commit, unless it is asked for all or for files', async () => {
    const folder = repository({ 'sub/old name.yaml': secret })
    git(folder, 'commit', '-qm', 'before the guard')
    writeFiles(folder, { 'new.yaml': secret })
    git(folder, 'add', '.')
    const all = [
      'new.yaml:6: Secret web: password is not encrypted',
      'sub/old name.yaml:6: Secret web: password is not encrypted',
    ]
    expect(await guardedIn(folder)).toEqual(all.slice(0, 1))
    expect(await guardedIn(folder, { all: true })).toEqual(all)
    expect(await guardedIn(join(folder, 'sub'), { all: true })).toEqual(all)
    expect(await guardedIn(join(folder, 'sub'), { files: ['old name.yaml'] })).toEqual(all.slice(1))
  })

  test('with links and submodules left out, and long files told of', async () => {
    const folder = repository({ 'big.bin': 'x'.repeat(17 * 1024 * 1024), 'z.yaml': secret })
    execFileSync('ln', ['-s', 'z.yaml', join(folder, 'link.yaml')])
    git(folder, 'add', '.')
    git(folder, 'update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},module`)
    expect(await guardedIn(folder)).toEqual([
      'z.yaml:6: Secret web: password is not encrypted',
      'big.bin: is longer than 16 MiB and was not looked into',
    ])
  })
})

test('secrets:guard ends with 1, names file, line and fix, and never the value', async () => {
  const folder = repository({ '.sops.yaml': rules, 'secrets/web.yaml': secret })
  const ran = await runTasks(['secrets:guard'], { cwd: folder })
  expect(ran).toMatchObject({ exitCode: 1, stdout: '' })
  expect(ran.stderr).toContain('error: secrets/web.yaml:6: stringData.password is not encrypted\n')
  expect(ran.stderr).toContain(
    'hint: tasks secrets:encrypt --in-place secrets/web.yaml && git add secrets/web.yaml',
  )
  expect(ran.stderr).not.toContain('hunter2')
  const json = await runTasks(['secrets:guard', '--json'], { cwd: folder })
  expect(JSON.parse(json.stdout)).toMatchObject({
    files: 2,
    findings: [{ file: 'secrets/web.yaml', line: 6 }],
  })
  git(folder, 'rm', '-q', '--cached', 'secrets/web.yaml')
  expect((await runTasks(['secrets:guard'], { cwd: folder })).exitCode).toBe(0)
})

test('secrets:guard says so outside of a repository', async () => {
  const ran = await runTasks(['secrets:guard'], { cwd: temporaryFolder() })
  expect(ran.exitCode).toBe(1)
  expect(ran.stderr).toContain('hint: git init')
})

function positions(lines: string[]): [at: number, indent: number][] {
  const isBlock = (at: number) => lines.slice(0, at).findLast((line) => /^\S/.test(line)) === 'sops:'
  const outside = lines.map((_, at) => at).filter((at) => !isBlock(at))
  return outside.flatMap((at) => [0, 2, 4, 8].map((indent): [number, number] => [at, indent]))
}

async function guarded(files: Record<string, string>): Promise<string[]> {
  return guardedIn(repository(files))
}

async function guardedIn(cwd: string, wanted: { all?: boolean; files?: string[] } = {}): Promise<string[]> {
  const { findings } = await guardIndex(wanted, { cwd })
  return findings.map(({ file, line, message }) => `${[file, line].filter(Boolean).join(':')}: ${message}`)
}

function repository(files: Record<string, string>): string {
  const folder = temporaryFolder(files)
  git(folder, 'init', '-q')
  git(folder, 'add', '-A')
  return folder
}

function git(cwd: string, ...argv: string[]): string {
  const person = ['-c', 'user.name=a', '-c', 'user.email=a@example.org', '-c', 'commit.gpgsign=false']
  return execFileSync('git', [...person, ...argv], { cwd, encoding: 'utf8' })
}

function encrypted(
  text: string,
  flags = ['--encrypted-regex', '^(data|stringData)$'],
  type = 'yaml',
): string {
  const argv = [
    'encrypt',
    '--age',
    recipient,
    ...flags,
    '--input-type',
    type,
    '--output-type',
    type,
    '--filename-override',
    'x',
  ]
  return execFileSync(sops, argv, { input: text, encoding: 'utf8' })
}

function sshKey(folder: string, passphrase: string): string {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `id${passphrase.length}-${Math.random()}`)
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-f', file])
  return execFileSync('cat', [file], { encoding: 'utf8' })
}
