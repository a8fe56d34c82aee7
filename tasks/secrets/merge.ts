import { join } from 'node:path'
import { quote } from '../lib/cli/process/quote.ts'
import { defineTask } from '../lib/cli/task.ts'
import { createKeyring } from '../lib/secrets/keys/keyring.ts'
import { keyPlaces } from '../lib/secrets/keys/places.ts'
import { conflictFinding } from '../lib/secrets/merge/conflicts.ts'
import { resolveFile } from '../lib/secrets/merge/resolve.ts'

export default defineTask(import.meta, {
  group: 'secrets',
  summary: 'decide what git could not merge in a secret file: ours or theirs, key by key',
  description:
    'Reads the three states from the index of git, merges them, and writes the file encrypted. Without a choice it says ' +
    'which keys both sides changed; these have ours until theirs is chosen. Ours is HEAD: in a rebase, what you rebase ' +
    'onto. Nothing is lost before git add: run it as often as you like.',
  arguments: {
    file: { summary: 'a file that git status calls unmerged', required: true, complete: 'files' },
  },
  options: {
    ours: { type: 'list', valueName: 'KEY', summary: 'keys that get our value, or all' },
    theirs: { type: 'list', valueName: 'KEY', summary: 'keys that get their value, or all' },
  },
  examples: [
    ['tasks secrets:merge secrets/db.yaml', 'merge, and name the keys in conflict'],
    [
      'tasks secrets:merge secrets/db.yaml --theirs stringData.password --ours all',
      'one of theirs, else ours',
    ],
  ],
  anywhere: true,
  async run({ arguments: { file }, options: { ours, theirs }, root, output, signal }) {
    const keyring = createKeyring(keyPlaces({ publicKeys: [join(root, 'secrets/keys')], signal }))
    const cwd = process.cwd()
    const { path, conflicts } = await resolveFile(file, {
      cwd,
      choices: { ours, theirs },
      keyring,
      now: new Date(),
    })
    if (conflicts.length > 0) {
      output.findings([conflictFinding(path, conflicts)])
      return 1
    }
    output.line(`${path} is merged`)
    output.next(`git add ${quote(file)}`)
    return 0
  },
})
