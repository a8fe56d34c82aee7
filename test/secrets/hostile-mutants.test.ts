import { afterAll, beforeAll, expect, test } from 'vitest'
import { TaskError } from '../../tasks/lib/cli/errors.ts'
import {
  clearText,
  type Opened,
  openDocument,
  parseSealed,
  sealText,
} from '../../tasks/lib/secrets/engine.ts'
import { examine } from '../../tasks/lib/secrets/guard/examine.ts'
import { suspect } from '../../tasks/lib/secrets/guard/suspicion.ts'
import { withoutInline } from '../../tasks/lib/secrets/low-level/inline-comments.ts'
import { readRules } from '../../tasks/lib/secrets/rules/rules.ts'
import { type FileType, fileTypes } from '../../tasks/lib/secrets/stores/store.ts'
import { defaultSelector } from '../../tasks/lib/secrets/tree/selector.ts'
import type { Comment, MapNode, Node } from '../../tasks/lib/secrets/tree/tree.ts'
import { temporaryFolder, writeFiles } from '../support/cli.ts'
import { type Holder, type KeyKind, makeHolders } from '../support/key-kinds.ts'
import { runSops } from '../support/sops.ts'
import { mutant, seeded } from './mutants.ts'

/** The clear text of each kind of file, with what is special in it. */
const clear: Record<FileType, string> = {
  yaml: `# top\na: one # inline\nb:\n    c: 2\n    d: [x, y]\n    # in b\n    e: |\n        two\n        lines\nf_unencrypted: clear\nl:\n    - g: 1.5\n      h: true\n    # in l\n    - null\n`,
  json: '{"a": "one", "b": {"c": 2, "d": ["x", 1.5, true, null]}, "f_unencrypted": "clear", "1": "é\\n"}',
  dotenv: '# comment\nA=one\nB=two\\nlines\nC_unencrypted=clear\nD=\n',
  ini: '[one]\na = 1\n; comment\nb = two words\n\n[two]\nc_unencrypted = clear\n',
  binary: 'any bytes: \0\x01 and text\n',
}

/** Few of those that are slow to open: post-quantum keys are computed in JavaScript. */
const kinds: [KeyKind, number][] = [
  ['age', 1000],
  ['ssh-ed25519', 300],
  ['ssh-rsa', 150],
  ['PGP with ECC', 200],
  ['two of three groups', 300],
  ['post-quantum age', 50],
]

let holders: Record<KeyKind, Holder>
let remove: () => Promise<void>
beforeAll(async () => {
  ;({ holders, remove } = await makeHolders())
})
afterAll(() => remove())

test.each(fileTypes.flatMap((type) => kinds.map(([kind, count]) => [type, kind, count] as const)))(
  '%s for %s: of %i changed files each is refused with a sentence, or opens as the real sops opens it',
  async (type, kind, count) => {
    const holder = holders[kind]
    const original = await sealed(type, holder)
    const values = textOf(await opened(original, { type, holder }))
    const random = seeded(count * 31 + type.length)
    for (let made = 0; made < count; made++) {
      const bytes = mutant(original, random)
      const found = await outcome(() => opened(bytes, { type, holder }))
      if (found === undefined || textOf(found) === values) continue
      const { exitCode, bytes: theirs } = await decryptedBySops(bytes, { type, holder })
      expect({ exitCode, text: theirs.toString() }, bytes.toString()).toEqual({
        exitCode: 0,
        text: Buffer.from(await clearText({ ...found, clear: withoutInline(found) })).toString(),
      })
    }
  },
  120_000,
)

test('of 2,000 changed clear files each is sealed, or refused with a sentence', async () => {
  const random = seeded(7)
  const holder = holders.age
  for (let made = 0; made < 2000; made++) {
    const type = fileTypes[made % fileTypes.length]!
    const bytes = mutant(Buffer.from(clear[type]), random)
    await outcome(() =>
      sealText(bytes, { file: 'a', type, policy: policyFor(holder), keyring: holder.keyring, now }),
    )
  }
})

test('of 1,000 changed files in the index the guard reads each', async () => {
  const random = seeded(9)
  const selectorFor = () => defaultSelector
  for (let made = 0; made < 1000; made++) {
    const type = fileTypes[made % fileTypes.length]!
    const original = made % 2 === 0 ? Buffer.from(clear[type]) : await sealed(type, holders.age)
    const path = `secrets/a.${endings[type] ?? type}`
    for (const staged of suspect(path, { bytes: mutant(original, random), selectorFor }))
      await examine(staged)
  }
})

test('of 1,000 changed .sops.yaml files each is read, or refused with a sentence', async () => {
  const random = seeded(8)
  const folder = temporaryFolder()
  const text = `creation_rules:\n  - path_regex: ^secrets/.*$ # all\n    encrypted_regex: ^(data|stringData)$\n    key_groups:\n      - age: [${'age1x'.padEnd(62, 'q')}]\n        pgp: [${'A'.repeat(40)}]\n      - merge: [{age: []}]\n    shamir_threshold: 2\n  - age: a,b\nstores: {yaml: {indent: 2}}\n`
  for (let made = 0; made < 1000; made++) {
    writeFiles(folder, { '.sops.yaml': mutant(Buffer.from(text), random).toString() })
    await outcome(async () => (await readRules(`${folder}/.sops.yaml`)).policyFor('secrets/a.yaml'))
  }
})

const now = new Date()
const endings: Partial<Record<FileType, string>> = { dotenv: 'env', binary: 'bin' }

function policyFor({ groups, threshold }: Holder) {
  const selector = { kind: 'unencrypted_suffix', value: '_unencrypted' } as const
  return { groups, threshold, selector, macOnlyEncrypted: false }
}

function sealed(type: FileType, holder: Holder): Promise<Buffer> {
  const options = {
    file: 'a',
    type,
    policy: policyFor(holder),
    keyring: holder.keyring,
    now,
    canonical: true,
  }
  return sealText(Buffer.from(clear[type]), options).then(Buffer.from)
}

async function opened(bytes: Buffer, { type, holder }: { type: FileType; holder: Holder }): Promise<Opened> {
  const document = await parseSealed(bytes, { file: 'a', type })
  const found = await openDocument(document, { file: 'a', keyring: holder.keyring })
  await clearText(found, { keepFormat: true })
  return found
}

/** undefined for an error of ours; any other fails the test. */
async function outcome<T>(work: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof TaskError) return undefined
    throw error
  }
}

function decryptedBySops(input: Buffer, { type, holder }: { type: FileType; holder: Holder }) {
  return runSops(['decrypt', '--input-type', type, '--output-type', type], { input, env: holder.env })
}

/** All values in their order with their keys. Comments are not part of the MAC. */
function textOf({ clear }: Opened): string {
  return JSON.stringify(clear.map(plain), (_, value) => (typeof value === 'bigint' ? `${value}n` : value))
}

function plain(node: Node | MapNode | Comment): unknown {
  if (node.type === 'map')
    return node.items.flatMap((item) => (item.type === 'entry' ? [[item.key, plain(item.value)]] : []))
  if (node.type === 'list')
    return { list: node.items.flatMap((item) => (item.type === 'comment' ? [] : [plain(item)])) }
  return node.type === 'leaf' ? { is: node.value } : undefined
}
