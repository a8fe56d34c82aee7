import { defineTask } from '../lib/cli/task.ts'
import { guardIndex } from '../lib/secrets/guard/guard.ts'

export default defineTask(import.meta, {
  group: 'secrets',
  summary: 'refuse a commit that holds clear secrets or private keys: for pre-commit and CI',
  description:
    "It reads git's index, so what would be committed and not what lies in the folder: files that a creation rule of " +
    '.sops.yaml wants encrypted, clear values in encrypted files, clear data of any `kind: Secret`, private keys, ' +
    'decrypted copies and damaged sops metadata. A value that is one variable ($NAME, ${NAME}, {{ … }}) is none. ' +
    'A rule without a path_regex says how to encrypt, not what, and asks for nothing. ' +
    'Files that are examples get the line `test/fixtures/** -secrets-guard` in .gitattributes.',
  arguments: {
    files: { summary: 'only these files or folders, as they are staged', many: true, complete: 'files' },
  },
  options: {
    all: {
      type: 'boolean',
      summary: 'every file that git tracks, not only what differs from the last commit',
    },
  },
  examples: [
    ['tasks secrets:guard', 'what is staged; tasks secrets:git-setup makes every commit do this'],
    ['tasks secrets:guard --all', 'the whole repository, for CI'],
  ],
  anywhere: true,
  async run({ arguments: { files }, options: { all, json }, output }) {
    const guarded = await guardIndex({ all, files }, { cwd: process.cwd() })
    if (json) output.json(guarded)
    else output.findings(guarded.findings)
    const errors = guarded.findings.filter(({ severity }) => severity === 'error')
    if (!json && errors.length > 0)
      output.line(`nothing of this may be committed: ${errors.length} of ${guarded.files} files`)
    return errors.length > 0 ? 1 : 0
  },
})
