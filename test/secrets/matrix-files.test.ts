import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clearText, openDocument, parseSealed } from '../../tasks/lib/secrets/engine.ts'
import { fileTypeOf } from '../../tasks/lib/secrets/stores/stores.ts'
import { type GpgHome, gpgHome } from '../support/gpg.ts'
import { type Holder, holderOf } from '../support/key-kinds.ts'
import { runSops } from '../support/sops.ts'

// The files that sops keeps for its own tests, written by versions from 3.3 on, lie where go has its sources.
const cwd = join(import.meta.dirname, '../support/go/sops')
const listed = spawnSync('go', ['mod', 'download', '-json', 'github.com/getsops/sops/v3'], {
  cwd,
  encoding: 'utf8',
})
const sources: string | undefined = listed.status === 0 ? JSON.parse(listed.stdout).Dir : undefined
const folder = sources && join(sources, 'functional-tests/res')
const files = folder
  ? readdirSync(folder).filter((name) => /sops/.test(readFileSync(join(folder, name), 'utf8')))
  : []

let home: GpgHome
let holder: Holder
beforeAll(async () => {
  home = await gpgHome()
  if (sources) home.gpg(['--import', join(sources, 'pgp/sops_functional_tests_key.asc')])
  holder = holderOf([], { env: { GNUPGHOME: home.folder } })
})
afterAll(() => home.remove())

describe.skipIf(files.length === 0)(
  'a file of the tests of sops opens with the same text, or the same exit code',
  () => {
    test.each(files)('%s', async (name) => {
      const { exitCode, stdout } = await runSops(['decrypt', join(folder!, name)], { env: holder.env })
      expect(await ours(name)).toEqual({ exitCode, text: stdout })
    })
  },
)

async function ours(name: string) {
  const type = fileTypeOf(name)
  try {
    const document = await parseSealed(readFileSync(join(folder!, name)), { file: name, type })
    const opened = await openDocument(document, { file: name, keyring: holder.keyring })
    return { exitCode: 0, text: Buffer.from(await clearText(opened)).toString() }
  } catch (error) {
    return { exitCode: (error as { sopsCode?: number }).sopsCode, text: '' }
  }
}
