import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { encodeBech32 } from '../../../tasks/lib/secrets/keys/age/bech32.ts'
import { createKeyring } from '../../../tasks/lib/secrets/keys/keyring.ts'
import { temporaryFolder, writeScript } from '../../support/folder.ts'
import { freshAgeKey, noKeys, sops } from '../../support/sops.ts'

const dataKey = Buffer.alloc(32, 'k')
const recipient = encodeBech32('age1clear', Buffer.alloc(8, 1))
const identity = encodeBech32('AGE-PLUGIN-CLEAR-', Buffer.alloc(8, 1)).toUpperCase()

// It failed once in some forty runs, for a reason that is not known; twice in a row would be another matter.
test('a plugin of age wraps and opens, by way of sops', { retry: 1 }, async () => {
  const keyring = await keyringWithPlugin(identity)
  const groups = await keyring.wrap([[{ type: 'age', recipient }]], {
    dataKey,
    now: new Date(),
    file: 'a.yaml',
  })
  expect(Buffer.from(groups[0]![0]!.enc!.split('\n')[1]!, 'base64').toString()).toContain('-> clear')
  expect((await keyring.open({ groups }, { file: 'a.yaml' })).dataKey).toEqual(dataKey)
})

test("a plugin's identity opens a file for an ordinary recipient that it can open", async () => {
  const wrapping = await keyringWithPlugin(identity)
  const [[key]] = (await wrapping.wrap([[{ type: 'age', recipient }]], {
    dataKey,
    now: new Date(),
    file: 'a.yaml',
  })) as [[object]]
  const groups = [[{ type: 'age' as const, ...key, recipient: freshAgeKey().recipient }]]
  const keyring = await keyringWithPlugin(`${freshAgeKey().identity} ${identity}`)
  expect((await keyring.open({ groups }, { file: 'a.yaml' })).dataKey).toEqual(dataKey)
})

/** A keyring with SOPS_AGE_KEY, in whose PATH are sops and a plugin that hides nothing. */
async function keyringWithPlugin(SOPS_AGE_KEY: string) {
  const folder = await temporaryFolder()
  await symlink(sops, join(folder, 'sops'))
  await writeScript(join(folder, 'age-plugin-clear'), plugin)
  const controller = new AbortController()
  onTestFinished(() => controller.abort())
  const environment = { ...noKeys, PATH: `${folder}:/usr/bin:/bin`, TMPDIR: folder, SOPS_AGE_KEY }
  return createKeyring({ environment, publicKeys: [], signal: controller.signal })
}

// The protocol of plugins: C2SP.org/age-plugin. The file key is the body of the stanza, as it is.
const plugin = `
while read -r first command rest; do
  case "$first $command" in
    '-> wrap-file-key') read -r body ;;
    '-> recipient-stanza') read -r body ;;
    '-> done') break ;;
  esac
done
case "$1" in
  --age-plugin=recipient-v1) printf -- '-> recipient-stanza 0 clear\\n%s\\n' "$body" ;;
  --age-plugin=identity-v1) printf -- '-> file-key 0\\n%s\\n' "$body" ;;
esac
read -r answer
read -r empty
printf -- '-> done\\n\\n'
`
