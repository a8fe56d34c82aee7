import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { runTasks, temporaryFolder } from '../support/cli.ts'
import { type Holder, holderOf } from '../support/key-kinds.ts'
import { freshAgeKey, runSops, sopsOutput } from '../support/sops.ts'

let recipient: string
let holder: Holder
beforeAll(() => {
  const key = freshAgeKey()
  recipient = key.recipient
  holder = holderOf([[{ type: 'age', recipient }]], { env: { SOPS_AGE_KEY: key.identity } })
})

const clear = 'data:\n  user: me\n\n  plain: x # why\n'
const canonical = 'data:\n    user: me\n    plain: x # why\n'

function encrypt(
  cwd: string,
  args: string[],
  { input, env }: { input?: string; env?: Record<string, string> } = {},
) {
  return runTasks(['secrets:encrypt', ...args], { cwd, input, env: { ...holder.env, ...env } })
}

const decrypted = async (cwd: string, file: string) =>
  String(await sopsOutput(['decrypt', file], { cwd, env: holder.env }))

describe('tasks secrets:encrypt', () => {
  test('encrypts for the rule of .sops.yaml, in place, with the layout of sops or the one of the file', async () => {
    const rule = `creation_rules: [{path_regex: ^a, age: ${recipient}, encrypted_regex: ^user$}]`
    const folder = temporaryFolder({ '.sops.yaml': rule, 'a.yaml': clear, 'ab.yaml': clear })
    expect(await encrypt(folder, ['-i', 'a.yaml'])).toEqual({ exitCode: 0, stdout: '', stderr: '' })
    const sealed = readFileSync(join(folder, 'a.yaml'), 'utf8')
    expect(sealed).toMatch(/^data:\n {4}user: ENC\[.*,type:str\]\n {4}plain: x # why\nsops:\n/)
    expect(await decrypted(folder, 'a.yaml')).toBe(canonical)
    expect((await encrypt(folder, ['--in-place', '--keep-format', 'ab.yaml'])).exitCode).toBe(0)
    expect(readFileSync(join(folder, 'ab.yaml'), 'utf8')).toMatch(
      /^data:\n {2}user: ENC\[.*\]\n\n {2}plain: x # why\n/,
    )
    const again = await encrypt(folder, ['-i', 'a.yaml'])
    expect(again.exitCode).toBe(203)
    expect(readFileSync(join(folder, 'a.yaml'), 'utf8')).toBe(sealed)
  })

  test('encrypts stdin, to stdout or a file of another kind', async () => {
    const folder = temporaryFolder()
    const args = ['--age', recipient, '--filename-override', 'x.yaml']
    const sealed = await encrypt(folder, args, { input: clear })
    expect(sealed.stdout).toMatch(/^data:\n {4}user: ENC\[/)
    const json = await encrypt(folder, [...args, '--output-type', 'json', '--output', 'x.json', '-'], {
      input: clear,
    })
    expect(json).toEqual({ exitCode: 0, stdout: '', stderr: '' })
    expect(await decrypted(folder, 'x.json')).toBe(
      '{\n\t"data": {\n\t\t"user": "me",\n\t\t"plain": "x"\n\t}\n}\n',
    )
    expect(statSync(join(folder, 'x.json')).mode & 0o777).toBe(0o644)
  })

  test('takes recipients from variables, flags before them, and flags for selectors', async () => {
    const other = freshAgeKey().recipient
    const folder = temporaryFolder({ 'a.json': '{"a_x": "1", "b": "2"}', bin: 'raw' })
    const env = { SOPS_AGE_RECIPIENTS: `${recipient},${other}` }
    const byVariable = JSON.parse((await encrypt(folder, ['a.json'], { env })).stdout)
    expect(byVariable.sops.age.map((key: { recipient: string }) => key.recipient)).toEqual([recipient, other])
    const args = ['--age', recipient, '--encrypted-suffix', '_x', '--mac-only-encrypted', 'a.json']
    const byFlag = JSON.parse((await encrypt(folder, args, { env })).stdout)
    expect(byFlag).toMatchObject({ b: '2', sops: { encrypted_suffix: '_x', mac_only_encrypted: true } })
    expect(byFlag.sops.age).toHaveLength(1)
    const binary = await encrypt(folder, ['--age', recipient, '--encrypted-regex', 'none', 'bin'])
    expect(binary.stderr).toContain('encrypted_regex is not looked at')
    expect(JSON.parse(binary.stdout).data).toMatch(/^ENC/)
  })

  test('warns where the selector takes no key of the file', async () => {
    const folder = temporaryFolder({ 'a.yaml': 'token: hunter22\nnone: null\n', 'b.yaml': 'none: null\n' })
    const args = ['--age', recipient, '--encrypted-regex', '^(data|stringData)$']
    const { exitCode, stderr } = await encrypt(folder, [...args, 'a.yaml'])
    expect(exitCode).toBe(0)
    expect(stderr).toContain('a.yaml: nothing in it is encrypted: encrypted_regex ^(data|stringData)$')
    expect(stderr).not.toContain('hunter22')
    expect((await encrypt(folder, [...args, 'b.yaml'])).stderr).toBe('')
  })

  test.each<[string, string[], Record<string, string>]>([
    ['there is no recipient and no rule', ['a.json'], {}],
    ['no rule takes the file', ['a.json'], { '.sops.yaml': 'creation_rules: [{path_regex: ^b}]' }],
    [
      'no rule takes the file, recipient or not',
      ['--age', 'R', 'a.json'],
      { '.sops.yaml': 'creation_rules: [{path_regex: ^b}]' },
    ],
    ['the file with rules has none', ['a.json'], { '.sops.yaml': 'stores: {}' }],
    ['the file with rules cannot be read', ['--age', 'R', 'a.json'], { '.sops.yaml': 'creation_rules: [' }],
    ['there is no such file', ['--age', 'R', 'none.json'], {}],
    ['stdin has no name', ['--age', 'R'], {}],
    [
      'two selectors are named',
      ['--age', 'R', '--encrypted-regex', 'a', '--encrypted-suffix', 'b', 'a.json'],
      {},
    ],
    ['a file is no JSON', ['--age', 'R', 'broken.json'], { 'broken.json': '{' }],
    ['a file is encrypted', ['--age', 'R', 'sops.json'], { 'sops.json': '{"sops": {}}' }],
    ['a YAML file is empty', ['--age', 'R', 'empty.yaml'], { 'empty.yaml': '' }],
    ['a YAML file has a key that is no text', ['--age', 'R', 'key.yaml'], { 'key.yaml': '1: a\n' }],
    ['a recipient is none', ['--age', 'nobody', 'a.json'], {}],
    ['a place cannot be written to', ['--age', 'R', '--output', 'none/x', 'a.json'], {}],
    [
      'a file would have to become dotenv',
      ['--age', 'R', '--output-type', 'dotenv', 'nested.json'],
      { 'nested.json': '{"a": {"b": "c"}}' },
    ],
  ])('ends with the exit code of sops where %s', async (_, words, files) => {
    const folder = temporaryFolder({ 'a.json': '{"a": "1"}', ...files })
    const args = words.map((word) => (word === 'R' ? recipient : word))
    const [mine, real] = await Promise.all([
      encrypt(folder, args),
      runSops(['encrypt', ...args], { cwd: folder, env: holder.env }),
    ])
    expect({ words, exitCode: mine.exitCode }).toEqual({ words, exitCode: real.exitCode })
    expect(mine.exitCode).not.toBe(0)
    expect(mine.stdout).toBe('')
  })
})
