import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clearText, openDocument, parseSealed, sealText } from '../../tasks/lib/secrets/engine.ts'
import { keyName } from '../../tasks/lib/secrets/keys/master-key.ts'
import { readRules } from '../../tasks/lib/secrets/rules/rules.ts'
import { type FileType, fileTypes } from '../../tasks/lib/secrets/stores/store.ts'
import { temporaryFolder } from '../support/cli.ts'
import { type Holder, type KeyKind, keyKinds, makeHolders } from '../support/key-kinds.ts'
import { sops, sops312, sopsOutput } from '../support/sops.ts'

/** A clear file of each kind, with something for each selector. */
const clearFiles: Record<FileType, string> = {
  yaml: `# secret of the head
apiVersion: v1
data:
    # plain to read
    user: me
    token_secret: "123"
    port: 5432
    ratio: 1.5
    on: true
    since: 2024-01-02
    none: null
    list:
        - one
        # secret list
        - two: 2
name_unencrypted: db
text: |
    two
    lines
---
second: document
`,
  json: `{
	"apiVersion": "v1",
	"data": {"user": "me", "token_secret": "<&>", "port": 5432, "ratio": 1.5, "on": true, "none": null, "list": ["one", {"two": 2}]},
	"name_unencrypted": "db"
}
`,
  dotenv:
    '# secret of the head\nUSER=me\ntoken_secret=a=b # no comment\n# plain to read\ndata=x\\ny\nname_unencrypted=db\n',
  ini: '; secret of the head\n[data]\nuser = me\ntoken_secret = 123\n\n[plain]\n; plain to read\nname_unencrypted = db\n',
  binary: 'any \u0000 bytes\nwithout an end',
}

const selections: Record<string, string> = {
  'no selector': '',
  unencrypted_suffix: 'unencrypted_suffix: _secret',
  encrypted_suffix: 'encrypted_suffix: _secret',
  unencrypted_regex: 'unencrypted_regex: ^(data|second)$',
  encrypted_regex: 'encrypted_regex: (?i)^(DATA|list)$',
  unencrypted_comment_regex: "unencrypted_comment_regex: '^ plain'",
  encrypted_comment_regex: 'encrypted_comment_regex: secret',
  mac_only_encrypted: 'mac_only_encrypted: true\n    encrypted_regex: ^data$',
}

const programs = { '3.13.3': sops, '3.12.2': sops312 }

let holders: Record<KeyKind, Holder>
let remove: () => Promise<void>
beforeAll(async () => {
  const made = await makeHolders()
  holders = made.holders
  remove = made.remove
}, 60_000)
afterAll(() => remove())

describe.each(fileTypes)('%s', (type) => {
  describe.each(keyKinds)('for %s', (kind) => {
    test.each(Object.entries(programs))(
      'goes to sops %s and back, whatever is selected',
      async (_, program) => {
        await bothWays({ type, holder: holders[kind], program, selectors: Object.keys(selections) })
      },
    )
  })
})

interface Way {
  type: FileType
  holder: Holder
  program: string
}

async function bothWays({ selectors, ...way }: Way & { selectors: string[] }): Promise<void> {
  const all = await Promise.all(selectors.map((selector) => goBothWays(selector, way)))
  const seen = Object.fromEntries(selectors.map((selector, index) => [selector, all[index]!.ours]))
  const wanted = Object.fromEntries(selectors.map((selector, index) => [selector, all[index]!.theirs]))
  expect(seen).toEqual(wanted)
}

// What sops reads in our file, what we read in its file, and both files without what is random in them.
async function goBothWays(selector: string, { type, holder, program }: Way) {
  const clear = Buffer.from(clearFiles[type])
  const config = configFile(selector, holder)
  const types = ['--input-type', type, '--output-type', type]
  const options = { program, env: holder.env }
  const rules = await readRules(config)
  const { keyring } = holder
  const theirs = await sopsOutput(['--config', config, 'encrypt', ...types, '--filename-override', 'any'], {
    ...options,
    input: clear,
  })
  const policy = rules.policyFor('any')
  const sealing = { file: 'ours', type, policy, keyring, now: new Date() }
  const ours = await sealText(clear, { ...sealing, canonical: true })
  // How a layout is kept has nothing to do with the keys.
  const kept = holder === holders.age ? await sealText(clear, sealing) : undefined
  const decrypt = (input: Uint8Array) => sopsOutput(['decrypt', ...types], { ...options, input }).then(String)
  const opened = await openDocument(await parseSealed(theirs, { file: 'theirs', type }), {
    ...{ file: 'theirs', keyring },
  })
  const theirsBySops = await canonicalText(`${program} ${type}`, () => decrypt(theirs))
  const comparesShape = program === sops
  return {
    ours: [
      await decrypt(ours),
      kept ? await decrypt(kept) : theirsBySops,
      String(await clearText(opened, { type })),
      comparesShape && shape(ours),
    ],
    theirs: [theirsBySops, theirsBySops, theirsBySops, comparesShape && shape(theirs)],
  }
}

const canonicalTexts = new Map<string, Promise<string>>()

// Whoever can open a file, and whatever of it is encrypted: its clear text is the same.
function canonicalText(name: string, decrypt: () => Promise<string>): Promise<string> {
  const text = canonicalTexts.get(name) ?? decrypt()
  canonicalTexts.set(name, text)
  return text
}

function configFile(selector: string, { groups, threshold }: Holder): string {
  const lines = groups.map((group) =>
    group.map((key) => `${key.type}: [${JSON.stringify(keyName(key))}]`).join('\n        '),
  )
  const text = `creation_rules:
  - ${threshold ? `shamir_threshold: ${threshold}\n    ` : ''}key_groups:
${lines.map((line) => `      - ${line}`).join('\n')}
    ${selections[selector]}
`
  const file = join(temporaryFolder(), '.sops.yaml')
  writeFileSync(file, text)
  return file
}

/** An encrypted text with the name of its type for each ciphertext, and without wrapped keys and times. */
function shape(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString()
    .replaceAll(/ENC\[AES256_GCM,data:[^\]]*?,type:(\w+)\]/g, 'ENC[$1]')
    .replaceAll(/-----BEGIN[\s\S]*?-----END [A-Z ]+-----/g, 'KEY')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'TIME')
}
