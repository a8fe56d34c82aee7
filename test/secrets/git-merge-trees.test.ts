import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openDocument, parseSealed } from '../../tasks/lib/secrets/engine.ts'
import { createKeyring } from '../../tasks/lib/secrets/keys/keyring.ts'
import { mergeSealed } from '../../tasks/lib/secrets/merge/merge.ts'
import { mergeMaps } from '../../tasks/lib/secrets/merge/merge-trees.ts'
import type { Conflict, Side } from '../../tasks/lib/secrets/merge/three-ways.ts'
import { yamlStore } from '../../tasks/lib/secrets/stores/yaml/yaml-store.ts'
import { temporaryFolder } from '../support/cli.ts'
import { gpgHome, makeKey } from '../support/gpg.ts'
import { freshAgeKey, noKeys, sops } from '../support/sops.ts'

describe('merging trees', () => {
  test.each([
    ['takes what one side changed', 'a: 1\nb: 2', 'a: 3\nb: 2', 'a: 1\nb: 4', 'a: 3\nb: 4'],
    ['takes the same change of both', 'a: 1', 'a: 2', 'a: 2', 'a: 2'],
    ['takes what both added', 'a: 1', 'a: 1\nb: 2', 'a: 1\nc: 3', 'a: 1\nc: 3\nb: 2'],
    ['adds a first key first', 'b: 1', 'b: 1', 'a: 0\nb: 1', 'a: 0\nb: 1'],
    ['removes what one side removed', 'a: 1\nb: 2\nc: 3', 'a: 1\nc: 3', 'a: 1\nb: 2', 'a: 1'],
    [
      'goes into maps',
      'm: {a: 1, b: {c: 2}}',
      'm: {a: 3, b: {c: 2}}',
      'm: {a: 1, b: {c: 4}}',
      'm: {a: 3, b: {c: 4}}',
    ],
    ['follows a new order', 'a: 1\nb: 2', 'a: 1\nb: 3', 'b: 2\na: 1', 'b: 3\na: 1'],
    ['merges runs of a list', 'l: [1, 2, 3]', 'l: [0, 1, 2, 3]', 'l: [1, 2, 4]', 'l: [0, 1, 2, 4]'],
    [
      'merges elements of a list',
      'l: [{a: 1, b: 2}]',
      'l: [{a: 3, b: 2}]',
      'l: [{a: 1, b: 4}]',
      'l: [{a: 3, b: 4}]',
    ],
    ['takes what both put at the end of a list', 'l: [1]', 'l: [1, 2, 4]', 'l: [1, 3, 4]', 'l: [1, 2, 4, 3]'],
    ['keeps new comments of both', '# x\na: 1', '# x\n# y\na: 1', '# z\na: 1', '# y\n# z\na: 1'],
    ['takes a value with what stands behind it', 'a: 1 # x', 'a: 1 # x', 'a: 2 # y', 'a: 2 # y'],
    ['moves comments with their key', 'a: 1', 'a: 1', '# new\nb: 2\na: 1\n# end', '# new\nb: 2\na: 1\n# end'],
    ['tells a text from a number', 'a: "1"', 'a: 1', 'a: "1"', 'a: 1'],
  ])('%s', (_, base, ours, theirs, expected) => {
    expect(merged({ base, ours, theirs })).toEqual({ text: canonical(expected), conflicts: [] })
  })

  test.each([
    ['a value with what stands behind it', 'a: 1', 'a: 2', 'a: 3 # y', 'a'],
    ['another value on both sides', 'a: {b: 1}', 'a: {b: 2}', 'a: {b: 3}', 'a.b'],
    ['the same key added with two values', '{}', 'a: 1', 'a: 2', 'a'],
    ['changed here, removed there', 'a: 1\nb: 1', 'a: 2\nb: 1', 'b: 1', 'a'],
    ['removed here, changed there', 'a: 1\nb: 1', 'b: 1', 'a: 2\nb: 1', 'a'],
    ['a value here, a map there', 'a: 1', 'a: 2', 'a: {b: 1}', 'a'],
    ['an element of a list', 'l: [1, 2]', 'l: [3, 2]', 'l: [4, 2]', 'l[0]'],
    ['added at the end of a list where one side removed', 'l: [1, 0]', 'l: [1, 2]', 'l: [1, 0, 3]', 'l'],
    ['two things added at the start of a list', 'l: [1]', 'l: [2, 1]', 'l: [3, 1]', 'l'],
  ])('is a conflict: %s', (_, base, ours, theirs, path) => {
    expect(merged({ base, ours, theirs })).toEqual({ text: canonical(ours), conflicts: [{ path }] })
    expect(merged({ base, ours, theirs }, 'theirs')).toEqual({ text: canonical(theirs), conflicts: [] })
  })
})

describe('merging secret files', () => {
  test('gives a file to those whom either side added, and takes it from those whom either side removed', async () => {
    const [me, old, anna, bert] = [1, 2, 3, 4].map(() => freshAgeKey()) as [Key, Key, Key, Key]
    const base = sealed('a: one\n', [me, old])
    const ours = changed(base, ['rotate', '--add-age', anna.recipient], me)
    const theirs = changed(base, ['rotate', '--add-age', bert.recipient, '--rm-age', old.recipient], me)
    const { bytes, conflicts } = await mergeSealed({ base, ours, theirs }, optionsFor(me))
    expect(conflicts).toEqual([])
    for (const key of [me, anna, bert]) expect(decrypted(bytes, key)).toBe('a: one\n')
    expect(() => decrypted(bytes, old)).toThrow(/Failed to get the data key/)
  })

  test('keeps a new data key, which keeps somebody out', async () => {
    const [me, gone] = [freshAgeKey(), freshAgeKey()]
    const base = sealed('a: one\nb: two\n', [me, gone])
    const ours = changed(base, ['set', '["b"] "three"'], me)
    const theirs = changed(base, ['rotate', '--rm-age', gone.recipient], me)
    const { bytes } = await mergeSealed({ base, ours, theirs }, optionsFor(me))
    expect(decrypted(bytes, me)).toBe('a: one\nb: three\n')
    const lineOfA = (text: Buffer) => text.toString().split('\n')[0]
    expect(lineOfA(Buffer.from(bytes))).toBe(lineOfA(theirs))
    const dataKeys = [
      ...Buffer.from(bytes)
        .toString()
        .matchAll(/recipient: (\S+)/g),
    ].map(([, name]) => name)
    expect(dataKeys).toEqual([me.recipient])
  })

  test('gives a file to PGP recipients of either side, and opens with the private key of each', async () => {
    const [home, other] = [await gpgHome(), await gpgHome()]
    onTestFinished(async () => {
      await home.remove()
      await other.remove()
    })
    const me = makeKey(home, { name: 'me' })
    const anna = makeKey(other, { name: 'anna' })
    home.gpg(['--import'], { input: other.gpg(['--armor', '--export', anna]) })
    other.gpg(['--import'], { input: home.gpg(['--armor', '--export', me]) })
    const bert = freshAgeKey()
    const inHome = { environment: home.environment }
    const base = run(['encrypt', '--pgp', me, '--filename-override', 'x.yaml'], {
      ...inHome,
      input: 'a: one\nb: two\n',
    })
    const ours = changedBy(['rotate', '--add-pgp', anna], { bytes: base, ...inHome })
    const theirs = changedBy(['rotate', '--add-age', bert.recipient], { bytes: base, ...inHome })

    const keyring = createKeyring({ environment: home.environment, publicKeys: [] })
    const { bytes, conflicts } = await mergeSealed({ base, ours, theirs }, { ...optionsFor(bert), keyring })
    expect(conflicts).toEqual([])
    expect(decrypted(bytes, bert)).toBe('a: one\nb: two\n')
    for (const { environment } of [home, other]) {
      const opened = run(['decrypt', '--filename-override', 'x.yaml'], { input: bytes, environment })
      expect(opened.toString()).toBe('a: one\nb: two\n')
    }
  })

  test('needs no key for the base, when its data key is that of today', async () => {
    const [me, other] = [freshAgeKey(), freshAgeKey()]
    const base = sealed('a: one\nb: two\n', [other])
    const joined = changed(base, ['updatekeys'], other, [other, me])
    const ours = changed(joined, ['set', '["a"] "1"'], me)
    const theirs = changed(joined, ['set', '["b"] "2"'], me)
    const { bytes } = await mergeSealed({ base, ours, theirs }, optionsFor(me))
    expect(decrypted(bytes, me)).toBe('a: "1"\nb: "2"\n')
  })

  test('opens with each of the key groups after a recipient joined one of them', async () => {
    const [one, two, more] = [freshAgeKey(), freshAgeKey(), freshAgeKey()]
    const folder = temporaryFolder()
    const groups = [one, two].map((key) => `      - age: [${key.recipient}]\n`).join('')
    writeFileSync(
      join(folder, '.sops.yaml'),
      `creation_rules:\n  - shamir_threshold: 2\n    key_groups:\n${groups}`,
    )
    const base = run(['encrypt', '--filename-override', 'x.yaml'], { input: 'a: one\nb: two\n', cwd: folder })
    const identities = `${one.identity}\n${two.identity}`
    const rules = groups.replace(one.recipient, `${one.recipient}, ${more.recipient}`)
    writeFileSync(
      join(folder, '.sops.yaml'),
      `creation_rules:\n  - shamir_threshold: 2\n    key_groups:\n${rules}`,
    )
    writeFileSync(join(folder, 'x.yaml'), base)
    run(['updatekeys', '-y', 'x.yaml'], { cwd: folder, identity: identities })
    const theirs = run(['decrypt', 'x.yaml'], { cwd: folder, identity: identities }) && readBack(folder)
    const ours = changed(base, ['set', '["b"] "three"'], { ...one, identity: identities })
    const { bytes } = await mergeSealed({ base, ours, theirs }, optionsFor({ ...one, identity: identities }))
    const opened = decrypted(bytes, { ...more, identity: `${more.identity}\n${two.identity}` })
    expect(opened).toBe('a: one\nb: three\n')
  })

  test('takes a data key that nobody knows who was removed, where both sides renewed theirs', async () => {
    const [me, gone] = [freshAgeKey(), freshAgeKey()]
    const base = sealed('a: one\n', [me, gone])
    const ours = changed(base, ['rotate'], me)
    const theirs = changed(base, ['rotate', '--rm-age', gone.recipient], me)
    const { bytes } = await mergeSealed({ base, ours, theirs }, optionsFor(me))
    expect(decrypted(bytes, me)).toBe('a: one\n')
    const known = await openDocument(await parseSealed(ours, { file: 'x.yaml', type: 'yaml' }), {
      file: 'x.yaml',
      keyring: optionsFor(gone).keyring,
    })
    const merged = await openDocument(
      await parseSealed(bytes, { file: 'x.yaml', type: 'yaml' }),
      optionsFor(me),
    )
    expect(Buffer.compare(merged.dataKey, known.dataKey)).not.toBe(0)
  })

  test('opens with as many key groups as one side says anew', async () => {
    const keys = [freshAgeKey(), freshAgeKey(), freshAgeKey()] as const
    const all = { ...keys[0], identity: keys.map(({ identity }) => identity).join('\n') }
    const groups = keys.map((key) => `      - age: [${key.recipient}]\n`).join('')
    const rules = `creation_rules:\n  - shamir_threshold: 3\n    key_groups:\n${groups}`
    const cwd = temporaryFolder({ '.sops.yaml': rules })
    const base = run(['encrypt', '--filename-override', 'x.yaml'], { input: 'a: one\nb: two\n', cwd })
    const theirs = await withThreshold(2, { bytes: base, ...optionsFor(all) })
    const ours = changed(base, ['set', '["b"] "three"'], all)
    const { bytes } = await mergeSealed({ base, ours, theirs }, optionsFor(all))
    const two = { ...all, identity: `${keys[0].identity}\n${keys[2].identity}` }
    expect(decrypted(bytes, two)).toBe('a: one\nb: three\n')
  })

  test('keeps blank lines and quotes of a file whose values alone changed', async () => {
    const me = freshAgeKey()
    const layout = (text: Buffer) => Buffer.from(text.toString().replace('b: ', '\n\n"b":   '))
    const base = layout(sealed('a: one\nb: two\n', [me]))
    const ours = layout(changed(base, ['set', '["a"] "1"'], me))
    const theirs = layout(changed(base, ['set', '["b"] "2"'], me))
    const { bytes } = await mergeSealed({ base, ours, theirs }, optionsFor(me))
    expect(Buffer.from(bytes).toString()).toMatch(/^a: ENC.*\n\n\n"b": {3}ENC/)
    expect(decrypted(bytes, me)).toBe('a: "1"\nb: "2"\n')
  })

  test('refuses a side that was changed by hand', async () => {
    const me = freshAgeKey()
    const base = sealed('a: one\nb_unencrypted: two\n', [me])
    const theirs = Buffer.from(base.toString().replace('two', 'three'))
    await expect(mergeSealed({ base, ours: base, theirs }, optionsFor(me))).rejects.toThrow(
      /MAC does not agree/,
    )
  })
})

type Key = ReturnType<typeof freshAgeKey>

function merged(
  texts: { base: string; ours: string; theirs: string },
  side?: Side,
): { text: string; conflicts: Conflict[] } {
  const conflicts: Conflict[] = []
  const maps = { base: treeOf(texts.base), ours: treeOf(texts.ours), theirs: treeOf(texts.theirs) }
  const branch = mergeMaps(maps, { path: '', conflicts, origins: new Map(), choice: () => side })
  return { text: Buffer.from(yamlStore.emit({ branches: [branch] })).toString(), conflicts }
}

function treeOf(text: string) {
  return yamlStore.parse(Buffer.from(`${text}\n`), { file: 'x.yaml', encrypted: false }).branches[0]!
}

function canonical(text: string): string {
  return Buffer.from(yamlStore.emit({ branches: [treeOf(text)] })).toString()
}

function optionsFor({ identity }: Key) {
  const keyring = createKeyring({ environment: { SOPS_AGE_KEY: identity }, publicKeys: [] })
  return { file: 'x.yaml', type: 'yaml', keyring, now: new Date() } as const
}

/** The same file, of whose key groups fewer are needed. */
async function withThreshold(
  threshold: number,
  { bytes, ...options }: { bytes: Uint8Array } & ReturnType<typeof optionsFor>,
): Promise<Uint8Array> {
  const { document, dataKey } = await openDocument(await parseSealed(bytes, options), options)
  const { branches, metadata } = document
  const groups = await options.keyring.wrap(metadata.groups, { dataKey, threshold, ...options })
  return yamlStore.emit({ branches, metadata: { ...metadata, groups, threshold } })
}

function sealed(text: string, keys: Key[]): Buffer {
  const recipients = keys.map(({ recipient }) => recipient).join(',')
  return run(['encrypt', '--age', recipients, '--filename-override', 'x.yaml'], { input: text })
}

/** What the real sops makes of a file. */
function changed(bytes: Buffer, [command, ...argv]: string[], { identity }: Key, rule: Key[] = []): Buffer {
  const cwd = temporaryFolder()
  writeFileSync(join(cwd, 'x.yaml'), bytes)
  const recipients = rule.map(({ recipient }) => recipient).join()
  writeFileSync(join(cwd, '.sops.yaml'), `creation_rules: [{age: "${recipients}"}]`)
  const words: Record<string, string[]> = {
    rotate: ['rotate', '-i', ...argv, 'x.yaml'],
    updatekeys: ['updatekeys', '-y', 'x.yaml'],
    set: ['set', 'x.yaml', ...(argv[0]?.split(' ') ?? [])],
  }
  run(words[command!]!, { cwd, identity })
  return readBack(cwd)
}

function readBack(cwd: string): Buffer {
  return spawnSync('cat', ['x.yaml'], { cwd }).stdout
}

function decrypted(bytes: Uint8Array, { identity }: Key): string {
  return run(['decrypt', '--filename-override', 'x.yaml'], { input: bytes, identity }).toString()
}

/** The file that a command of the real sops changes, which opens it with the keys of an environment. */
function changedBy(
  argv: string[],
  { bytes, environment }: { bytes: Buffer; environment: Record<string, string> },
): Buffer {
  const cwd = temporaryFolder({ 'x.yaml': bytes.toString() })
  run([...argv, '-i', 'x.yaml'], { cwd, environment })
  return readBack(cwd)
}

interface RunOptions {
  input?: string | Uint8Array
  cwd?: string
  identity?: string
  environment?: Record<string, string>
}

function run(argv: string[], { input, cwd, identity, environment }: RunOptions): Buffer {
  const env = { ...noKeys, ...environment, ...(identity && { SOPS_AGE_KEY: identity }) }
  const { status, stdout, stderr } = spawnSync(sops, argv, { input, cwd, env })
  if (status !== 0) throw new Error(stderr.toString())
  return stdout
}
