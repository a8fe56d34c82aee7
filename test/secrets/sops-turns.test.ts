import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createKeyring } from '../../tasks/lib/secrets/keys/keyring.ts'
import { decryptFiles } from '../../tasks/lib/secrets/low-level/decrypt.ts'
import { runTasks, temporaryFolder } from '../support/cli.ts'
import { freshAgeKey, noKeys, runSops } from '../support/sops.ts'

type Turn = ['sops' | 'tasks', string[], string?]

/** What sops and we do in turns: each has to read what the other made of the file. */
const turns = (file: string, path: string[]): Turn[] => {
  const at = path.map((step) => `["${step}"]`).join('')
  const beside = (key: string) => [...path.slice(0, -1), key].map((step) => `["${step}"]`).join('')
  return [
    ['tasks', ['secrets:set', file, at], 'two'],
    ['sops', ['set', file, beside('new'), '"three"']],
    ['tasks', ['secrets:rotate', '--yes', file]],
    ['sops', ['edit', file]],
    ['tasks', ['secrets:set', file, beside('more')], 'four "quoted" # text'],
    ['sops', ['rotate', '-i', file]],
    ['tasks', ['secrets:edit', file]],
    ['sops', ['unset', file, beside('new')]],
    ['tasks', ['secrets:set', file, beside('more'), '--unset']],
    ['sops', ['set', file, at, '"last"']],
  ]
}

describe.each<[string, string, string[]]>([
  ['a.yaml', '# top\nstringData:\n    # why\n    one: first\n    list: [1, x]\n', ['stringData', 'one']],
  ['a.json', '{"stringData": {"one": "first", "n": 1.5}}', ['stringData', 'one']],
  ['a.env', '# top\none=first\n', ['one']],
  ['a.ini', '; top\n[part]\none = first\n', ['part', 'one']],
])('in turns with sops: %s', { timeout: 60_000 }, (file, clear, path) => {
  test('every state is read by both alike', async () => {
    const { identity, recipient } = freshAgeKey()
    const editor = temporaryFolder({
      editor: '#!/bin/sh\nexec sed -i "s/first/edited/; s/two/edited/" "$1"\n',
    })
    chmodSync(join(editor, 'editor'), 0o755)
    const rules = `creation_rules: [{age: ${recipient}}]\n`
    const cwd = temporaryFolder({ '.sops.yaml': rules, '.env': '', [file]: clear })
    const env = { ...noKeys, SOPS_AGE_KEY: identity, EDITOR: join(editor, 'editor') }
    await runSops(['encrypt', '-i', file], { cwd, env })
    for (const [who, argv, input] of turns(file, path)) {
      const ran = await (who === 'sops' ? runSops(argv, { cwd, env }) : runTasks(argv, { cwd, env, input }))
      expect({ argv, exitCode: ran.exitCode, stderr: ran.stderr }).toMatchObject({ argv, exitCode: 0 })
      const real = await runSops(['decrypt', file], { cwd, env })
      const keyring = createKeyring({ environment: { SOPS_AGE_KEY: identity }, publicKeys: [] })
      const [ours] = await decryptFiles([join(cwd, file)], { keyring, cwd })
      expect({ argv, exitCode: real.exitCode }).toEqual({ argv, exitCode: 0 })
      expect(Buffer.from(ours!.bytes).toString()).toBe(real.stdout)
    }
    const last = await runSops(['decrypt', file], { cwd, env })
    expect(last.stdout).toContain('last')
    expect(last.stdout).not.toMatch(/three|four|first|edited/)
  })
})
