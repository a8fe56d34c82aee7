import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { decryptFiles } from '../../tasks/lib/secrets/low-level/decrypt.ts'
import { parseTreePath } from '../../tasks/lib/secrets/low-level/extract.ts'
import { type FileType, fileTypes } from '../../tasks/lib/secrets/stores/store.ts'
import { runTasks, temporaryFolder } from '../support/cli.ts'
import { type Holder, holderOf } from '../support/key-kinds.ts'
import { freshAgeKey, runSops, sopsOutput } from '../support/sops.ts'

const clear = `# top
a:
    b: one
    # in the map
    c: 2
l:
    - x
    - "y": 1
      z: |
        two
        lines

        end
    - [1, 2.5]
e: {}
el: []
n: null
t: 2024-01-02
s: "true"
u: 1 # behind it
`

let holder: Holder
let sealed: string
beforeAll(async () => {
  const { recipient, identity } = freshAgeKey()
  holder = holderOf([[{ type: 'age', recipient }]], { env: { SOPS_AGE_KEY: identity } })
  const args = ['encrypt', '--age', recipient, '--filename-override', 'a.yaml']
  sealed = (await sopsOutput(args, { input: clear })).toString()
})

interface Case {
  extract?: string
  outputType?: FileType
}

async function ours(folder: string, { extract, outputType }: Case) {
  try {
    const path = extract === undefined ? undefined : parseTreePath(extract)
    const files = [join(folder, 'a.yaml')]
    const [decrypted] = await decryptFiles(files, { ...options(folder), extract: path, outputType })
    return { exitCode: 0, text: Buffer.from(decrypted!.bytes).toString() }
  } catch (error) {
    return { exitCode: (error as { sopsCode?: number }).sopsCode, text: '' }
  }
}

async function theirs(cwd: string, { extract, outputType }: Case) {
  const flags = [...(extract === undefined ? [] : ['--extract', extract])]
  if (outputType) flags.push('--output-type', outputType)
  const { exitCode, stdout } = await runSops(['decrypt', ...flags, 'a.yaml'], { cwd, env: holder.env })
  return { exitCode, text: stdout }
}

const options = (cwd: string) => ({ keyring: holder.keyring, cwd })

describe('what is written is to the byte what sops writes', () => {
  const paths = ['["a"]', '["a"]["b"]', '["a"]["c"]', "['l']", '["l"][0]', '["l"][1]', '["l"][2]', '["e"]']
  const more = ['["el"]', '["n"]', '["t"]', '["s"]', '["q"]', '["l"][9]', 'a', '[x]', '["a"]x']

  test.each([...paths, ...more])('for %s', async (extract) => {
    const folder = temporaryFolder({ 'a.yaml': sealed })
    for (const outputType of fileTypes) {
      // ini prints single values as JSON, and a list of lists as nothing sensible.
      if (outputType === 'ini') continue
      const wanted = { extract, outputType }
      expect({ ...wanted, ...(await ours(folder, wanted)) }).toEqual({
        ...wanted,
        ...(await theirs(folder, wanted)),
      })
    }
  })

  test.each([...fileTypes, undefined])('for the output type %s', async (outputType) => {
    const folder = temporaryFolder({ 'a.yaml': sealed })
    expect(await ours(folder, { outputType })).toEqual(await theirs(folder, { outputType }))
  })

  test('with the indents that .sops.yaml sets', async () => {
    const folder = temporaryFolder({
      'a.yaml': sealed,
      '.sops.yaml': 'stores: {yaml: {indent: 2}, json: {indent: 3}}',
    })
    for (const outputType of ['yaml', 'json'] as const) {
      expect(await ours(folder, { outputType })).toEqual(await theirs(folder, { outputType }))
    }
  })
})

describe('tasks secrets:decrypt', () => {
  const env = () => ({ ...holder.env, XDG_CACHE_HOME: undefined })

  test('reads files and stdin, and writes any bytes to stdout, a file or in place', async () => {
    const folder = temporaryFolder({ 'a.yaml': sealed })
    const canonical = await sopsOutput(['decrypt', 'a.yaml'], { cwd: folder, env: holder.env })
    const decrypt = (args: string[], input?: string) =>
      runTasks(['secrets:decrypt', ...args], { cwd: folder, env: env(), input })
    expect(await decrypt(['a.yaml'])).toEqual({ exitCode: 0, stdout: canonical.toString(), stderr: '' })
    expect((await decrypt(['--input-type', 'yaml', '--output-type', 'yaml', '-'], sealed)).stdout).toBe(
      String(canonical),
    )
    expect((await decrypt(['--filename-override', 'x.yaml'], sealed)).stdout).toBe(String(canonical))
    expect((await decrypt(['--output', 'out.yaml', 'a.yaml'])).exitCode).toBe(0)
    expect(readFileSync(join(folder, 'out.yaml'))).toEqual(canonical)
    expect(statSync(join(folder, 'out.yaml')).mode & 0o777).toBe(0o600)
    expect((await decrypt(['-i', 'a.yaml'])).exitCode).toBe(0)
    expect(readFileSync(join(folder, 'a.yaml'))).toEqual(canonical)
    expect(readdirSync(folder)).toEqual(['a.yaml', 'out.yaml'])
  })

  test('several files are printed in their order, or none of them', async () => {
    const folder = temporaryFolder({
      'a.yaml': sealed,
      'b.yaml': sealed,
      'broken.yaml': 'a: 1',
      'c.json': '{}',
    })
    const key = holder.groups[0]![0]! as { recipient: string }
    const binary = await sopsOutput(['encrypt', '--age', key.recipient, '--filename-override', 'x'], {
      input: 'x\0y',
    })
    const text = (await sopsOutput(['decrypt', 'a.yaml'], { cwd: folder, env: holder.env })).toString()
    const args = ['secrets:decrypt', 'a.yaml', 'b.yaml', '-']
    const all = await runTasks([...args], { cwd: folder, env: env(), input: binary.toString() })
    expect(all).toEqual({ exitCode: 0, stdout: `${text}---\n${text}x\0y`, stderr: '' })
    const some = await runTasks(['secrets:decrypt', 'a.yaml', 'broken.yaml', 'c.json'], {
      cwd: folder,
      env: env(),
    })
    expect(some.stdout).toBe('')
    expect(some.stderr).toContain('broken.yaml: is not encrypted')
    expect(some.stderr).toContain('c.json: is not encrypted')
  })

  test.each<[string, string[]]>([
    ['there is no such file', ['none.yaml']],
    ['nothing is encrypted', ['clear.yaml']],
    ['the MAC does not agree', ['changed.yaml']],
    ['no key is at hand', ['others.yaml']],
    ['the path is none', ['--extract', 'a', 'a.yaml']],
    ['--in-place with --output', ['--in-place', '--output', 'x', 'a.yaml']],
    ['a kind of key is named twice', ['--decryption-order', 'age,age', 'a.yaml']],
  ])('ends with the exit code of sops where %s', async (_, args) => {
    const other = freshAgeKey().recipient
    const encrypt = ['encrypt', '--filename-override', 'a.yaml']
    const folder = temporaryFolder({
      'a.yaml': sealed,
      'clear.yaml': 'a: 1\n',
      'changed.yaml': sealed.replace(/^s: ENC.*\n/m, ''),
      'others.yaml': String(await sopsOutput([...encrypt, '--age', other], { input: 'a: 1' })),
    })
    const [mine, real] = await Promise.all([
      runTasks(['secrets:decrypt', ...args], { cwd: folder, env: env() }),
      runSops(['decrypt', ...args], { cwd: folder, env: holder.env }),
    ])
    expect(mine.exitCode).toBe(real.exitCode)
    expect(mine.exitCode).not.toBe(0)
    expect(mine.stdout).toBe('')
  })
})

test('one value never takes the place of the whole file, as with sops it does', async () => {
  const folder = temporaryFolder({ 'a.yaml': sealed })
  const args = ['--in-place', '--extract', '["s"]', 'a.yaml']
  const { exitCode, stderr } = await runTasks(['secrets:decrypt', ...args], { cwd: folder, env: holder.env })
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 8, stderr: expect.stringContaining('--extract') })
  expect(readFileSync(join(folder, 'a.yaml'), 'utf8')).toBe(sealed)
})

test('thousands of files are decrypted without running out of file descriptors', async () => {
  const folder = temporaryFolder({ 'a.yaml': sealed })
  const files = Array.from({ length: 2500 }, () => join(folder, 'a.yaml'))
  const all = await decryptFiles(files, options(folder))
  expect(new Set(all.map(({ bytes }) => String(bytes))).size).toBe(1)
})
