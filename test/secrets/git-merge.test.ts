import { describe, expect, test } from 'vitest'
import { preparedRepository, type SecretRepository, tasksInShell } from '../support/secret-repository.ts'

const clear = `apiVersion: v1
kind: Secret
metadata:
    name: web
stringData:
    # who signs in
    user: admin
    password: first
    ports: "80"
`
const flags = ['--encrypted-regex', '^(data|stringData)$']
const file = 'secrets/web.yaml'

describe('git merge', { timeout: 60_000 }, () => {
  test('merges what both sides changed, added and removed, and keeps every other ciphertext', async () => {
    const repository = await diverged({
      ours: (r) => {
        r.set(file, '["stringData"]["password"]', 'second')
        r.set(file, '["stringData"]["ours"]', 'new')
      },
      theirs: (r) => {
        r.set(file, '["stringData"]["user"]', 'root')
        r.set(file, '["stringData"]["theirs"]', 'new too')
        r.unset(file, '["stringData"]["ports"]')
      },
    })
    const { git, read, decrypt } = repository
    const ours = read(file)
    expect(git('merge', 'theirs', '-m', 'both')).toMatchObject({ status: 0 })
    expect(decrypt(file)).toBe(
      clear
        .replace('first', 'second')
        .replace('admin', 'root')
        .replace('    ports: "80"\n', '    theirs: new too\n    ours: new\n'),
    )
    expect(lineOf(read(file), 'password')).toBe(lineOf(ours, 'password'))
    expect(lineOf(read(file), 'user')).toBe(lineOf(git('show', `theirs:${file}`).stdout, 'user'))
    expect(lineOf(read(file), '#ENC')).toBe(lineOf(ours, '#ENC'))
  })

  test('leaves a valid file where both sides changed the same key, and names the key, not the value', async () => {
    const { git, shell, decrypt } = await diverged({
      ours: (r) => r.set(file, '["stringData"]["password"]', 'of ours'),
      theirs: (r) => {
        r.set(file, '["stringData"]["password"]', 'of theirs')
        r.set(file, '["stringData"]["user"]', 'root')
      },
    })
    const merged = git('merge', 'theirs')
    expect(merged.status).toBe(1)
    expect(merged.stderr).toContain(
      `${file}: both sides changed stringData.password: the file has ours for now`,
    )
    expect(merged.stderr).toContain(`tasks secrets:merge ${file} --theirs stringData.password`)
    expect(merged.stdout + merged.stderr).not.toMatch(/of ours|of theirs/)
    expect(decrypt(file)).toBe(clear.replace('first', 'of ours').replace('admin', 'root'))
    expect(git('ls-files', '-u').stdout.match(/web\.yaml/g)).toHaveLength(3)

    const wrong = shell(`${tasksInShell} secrets:merge ${file} --theirs stringData.pasword`)
    expect(wrong).toMatchObject({
      status: 64,
      stderr: expect.stringContaining('did you mean stringData.password?'),
    })
    const open = shell(`cd secrets && ${tasksInShell} secrets:merge web.yaml`)
    expect(open).toMatchObject({ status: 1, stderr: expect.stringContaining('stringData.password') })
    expect(shell(`${tasksInShell} secrets:merge ${file} --theirs stringData.password`)).toMatchObject({
      status: 0,
    })
    expect(decrypt(file)).toBe(clear.replace('first', 'of theirs').replace('admin', 'root'))
  })

  test('merges a file that one side renamed', async () => {
    const { git, decrypt } = await diverged({
      ours: (r) => {
        r.git('mv', file, 'secrets/shop.yaml')
        r.set('secrets/shop.yaml', '["stringData"]["password"]', 'second')
      },
      theirs: (r) => r.set(file, '["stringData"]["user"]', 'root'),
    })
    expect(git('merge', 'theirs', '-m', 'both')).toMatchObject({ status: 0 })
    expect(decrypt('secrets/shop.yaml')).toBe(clear.replace('first', 'second').replace('admin', 'root'))
  })

  test('tells what to type for a file that one side deleted', async () => {
    const { git, shell } = await diverged({
      ours: (r) => r.git('rm', '-q', file),
      theirs: (r) => r.set(file, '["stringData"]["user"]', 'root'),
    })
    expect(git('merge', 'theirs').status).toBe(1)
    const said = shell(`${tasksInShell} secrets:merge ${file}`)
    expect(said).toMatchObject({ status: 1, stderr: expect.stringContaining(`let it go: git rm ${file}`) })
  })

  test('merges the documents of a YAML file, wherever each side put new ones', async () => {
    const documents = ['web', 'db'].map((name) => clear.replace('web', name))
    const { git, decrypt } = await diverged({
      before: documents.join('---\n'),
      ours: (r) =>
        r.encrypt(file, [documents[0], clear.replace('web', 'mail'), documents[1]].join('---\n'), flags),
      theirs: (r) => {
        const second = documents[1]!.replace('first', 'second')
        r.encrypt(file, [clear.replace('web', 'cache'), documents[0], second].join('---\n'), flags)
      },
    })
    expect(git('merge', 'theirs', '-m', 'both')).toMatchObject({ status: 0 })
    const names = [...decrypt(file).matchAll(/name: (.*)/g)].map(([, name]) => name)
    expect(names).toEqual(['cache', 'web', 'mail', 'db'])
    expect(decrypt(file)).toContain('password: second')
  })

  test('merges dotenv, INI and JSON files', async () => {
    const files = {
      'secrets/a.env': ['# one\nA=1\nB=2\n', '["A"]', '["B"]'],
      'secrets/b.ini': ['[s]\na = 1\nb = 2\n', '["s"]["a"]', '["s"]["b"]'],
      'secrets/c.json': ['{"a": "1", "b": {"c": "2"}}', '["a"]', '["b"]["c"]'],
    } as const
    const repository = await diverged({
      ours: (r) => Object.entries(files).forEach(([path, [, first]]) => void r.set(path, first, 'x')),
      theirs: (r) => Object.entries(files).forEach(([path, [, , second]]) => void r.set(path, second, 'y')),
      prepare: (r) => Object.entries(files).forEach(([path, [text]]) => void r.encrypt(path, text)),
    })
    expect(repository.git('merge', 'theirs', '-m', 'both')).toMatchObject({ status: 0 })
    expect(repository.decrypt('secrets/a.env')).toBe('# one\nA=x\nB=y\n')
    expect(repository.decrypt('secrets/b.ini')).toMatch(/a = x\nb = y/)
    expect(JSON.parse(repository.decrypt('secrets/c.json'))).toEqual({ a: 'x', b: { c: 'y' } })
  })

  test('keeps the layout where both sides add and remove, so that a diff shows only that', async () => {
    const set = (r: SecretRepository, key: string) =>
      expect(r.shell(`printf new | ${tasksInShell} secrets:set ${file} stringData.${key}`).status).toBe(0)
    const { git, read, decrypt } = await diverged({
      prepare: (r) => {
        const text = r
          .read(file)
          .replace('    user:', '\n\n    "user":')
          .replace('    password:', '\n    password:')
        r.write({ [file]: text })
      },
      ours: (r) => set(r, 'ours'),
      theirs: (r) => {
        set(r, 'theirs')
        expect(r.shell(`${tasksInShell} secrets:set ${file} stringData.ports --unset`).status).toBe(0)
      },
    })
    const ours = read(file).split('\n')
    expect(git('merge', 'theirs', '-m', 'both')).toMatchObject({ status: 0 })
    expect(decrypt(file)).toContain('theirs: new\n    ours: new\n')
    const merged = read(file).split('\n')
    const isTouched = (line: string) => /^ +(?:ports|theirs|mac|lastmodified):/.test(line)
    expect(merged.filter((line) => !isTouched(line))).toEqual(ours.filter((line) => !isTouched(line)))
  })

  test('merges in a rebase', async () => {
    const { git, decrypt } = await diverged({
      ours: (r) => r.set(file, '["stringData"]["password"]', 'second'),
      theirs: (r) => r.set(file, '["stringData"]["user"]', 'root'),
    })
    expect(git('rebase', 'theirs')).toMatchObject({ status: 0 })
    expect(decrypt(file)).toBe(clear.replace('first', 'second').replace('admin', 'root'))
  })

  test('leaves ciphertext in conflict where no key is at hand, and says so', async () => {
    const { keyless, read, shell, decrypt } = await diverged({
      ours: (r) => r.set(file, '["stringData"]["password"]', 'second'),
      theirs: (r) => r.set(file, '["stringData"]["user"]', 'root'),
    })
    const merged = keyless('merge', 'theirs')
    expect(merged.status).toBe(1)
    expect(merged.stderr).toContain('none of its keys is at hand')
    expect(read(file)).toContain('<<<<<<< ours')
    expect(shell(`${tasksInShell} secrets:merge ${file}`)).toMatchObject({ status: 0 })
    expect(decrypt(file)).toBe(clear.replace('first', 'second').replace('admin', 'root'))
  })

  test('merges files that are no secret files as git does', async () => {
    const { git, read } = await diverged({
      prepare: (r) => r.write({ 'secrets/README.md': '1\n2\n3\n4\n5\n' }),
      ours: (r) => r.write({ 'secrets/README.md': 'one\n2\n3\n4\n5\n' }),
      theirs: (r) => r.write({ 'secrets/README.md': '1\n2\n3\n4\nfive\n' }),
    })
    expect(git('merge', 'theirs', '-m', 'both')).toMatchObject({ status: 0 })
    expect(read('secrets/README.md')).toBe('one\n2\n3\n4\nfive\n')
  })
})

describe('git diff', { timeout: 60_000 }, () => {
  test('shows the clear values that changed, without any creation rule', async () => {
    const { git } = await diverged({
      ours: (r) => r.set(file, '["stringData"]["password"]', 'second'),
      theirs: () => {},
    })
    const lines = git('diff', 'HEAD~')
      .stdout.split('\n')
      .filter((line) => /^[-+] /.test(line))
    expect(lines).toEqual(['-    password: first', '+    password: second'])
  })

  test('shows which values changed where no key is at hand', async () => {
    const { keyless } = await diverged({
      ours: (r) => r.set(file, '["stringData"]["password"]', 'second'),
      theirs: () => {},
    })
    const { status, stdout } = keyless('diff', 'HEAD~')
    const lines = stdout.split('\n').filter((line) => /^[-+] /.test(line))
    expect(status).toBe(0)
    expect(lines).toEqual([
      expect.stringMatching(/^- {4}password: encrypted-[0-9a-f]{8}$/),
      expect.stringMatching(/^\+ {4}password: encrypted-[0-9a-f]{8}$/),
    ])
  })
})

interface Divergence {
  /** The clear text that both sides start from. */
  before?: string
  prepare?(repository: SecretRepository): void
  ours(repository: SecretRepository): void
  theirs(repository: SecretRepository): void
}

async function diverged({ before = clear, prepare, ours, theirs }: Divergence): Promise<SecretRepository> {
  const repository = await preparedRepository()
  const { git } = repository
  // Without the hook: what is tested here is merging.
  git('config', 'core.hooksPath', '/nonexistent')
  repository.encrypt(file, before, flags)
  prepare?.(repository)
  repository.commit('before')
  git('checkout', '-q', '-b', 'theirs')
  theirs(repository)
  repository.git('add', '-A')
  git('commit', '-qm', 'theirs', '--allow-empty')
  git('checkout', '-q', 'main')
  ours(repository)
  repository.commit('ours')
  return repository
}

function lineOf(text: string, key: string): string | undefined {
  return text.split('\n').find((line) => line.includes(key))
}
