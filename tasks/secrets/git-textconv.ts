import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { defineTask } from '../lib/cli/task.ts'
import { createKeyring } from '../lib/secrets/keys/keyring.ts'
import { keyPlaces } from '../lib/secrets/keys/places.ts'
import { textForDiff } from '../lib/secrets/merge/textconv.ts'

export default defineTask(import.meta, {
  group: 'secrets',
  summary: 'what git diff compares of a secret file, set up by secrets:git-setup',
  description:
    'The clear text in the layout of the file, and its recipients. Without a key that opens it the values are masked, ' +
    'the same ciphertext always alike, so that a diff shows which of them changed.',
  arguments: {
    file: { summary: 'the file, as git hands it over', required: true, complete: 'files' },
  },
  options: {},
  examples: [['tasks secrets:git-textconv secrets/db.yaml', 'what git diff would compare']],
  anywhere: true,
  async run({ arguments: { file }, root, output, signal }) {
    const keyring = createKeyring(keyPlaces({ publicKeys: [join(root, 'secrets/keys')], signal }))
    output.bytes(await textForDiff(await readFile(file), { file, keyring }))
  },
})
