import { join } from 'node:path'
import { defineTask } from '../lib/cli/task.ts'
import { createKeyring } from '../lib/secrets/keys/keyring.ts'
import { keyPlaces } from '../lib/secrets/keys/places.ts'
import { runDriver } from '../lib/secrets/merge/driver.ts'

export default defineTask(import.meta, {
  group: 'secrets',
  summary: "git's merge driver for secret files, set up by secrets:git-setup",
  description:
    'Merges the clear trees in memory, key by key, and keeps the ciphertexts of what has not changed. Where both sides ' +
    'changed the same key the file gets ours, git marks it as unmerged, and tasks secrets:merge decides.',
  arguments: {
    base: { summary: 'the file as both sides had it (%O)', required: true },
    ours: { summary: 'our file, which gets the result (%A)', required: true },
    theirs: { summary: 'their file (%B)', required: true },
    path: { summary: 'its path in the repository (%P)', required: true },
  },
  options: {},
  examples: [['tasks secrets:git-merge %O %A %B %P', 'as it stands in .git/config']],
  anywhere: true,
  async run({ arguments: files, root, output, signal }) {
    const keyring = createKeyring(keyPlaces({ publicKeys: [join(root, 'secrets/keys')], signal }))
    const { clean, findings } = await runDriver(files, { keyring, now: new Date() })
    output.findings(findings)
    return clean ? 0 : 1
  },
})
