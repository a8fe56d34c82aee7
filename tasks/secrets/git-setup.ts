import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { TaskError } from '../lib/cli/errors.ts'
import { quote } from '../lib/cli/process/quote.ts'
import { packageRoot } from '../lib/cli/root.ts'
import { defineTask } from '../lib/cli/task.ts'
import { planSetup } from '../lib/secrets/git/setup.ts'

export default defineTask(import.meta, {
  group: 'secrets',
  summary: 'let git merge and diff secret files by their values, and guard every commit',
  description:
    'Writes the secret files into .gitattributes, the merge driver and the text conversion into .git/config of this ' +
    'clone, and tasks secrets:guard into its pre-commit hook, beside what is there. Everybody who clones runs it once.',
  options: {
    undo: { type: 'boolean', summary: 'take all of it back' },
  },
  examples: [
    ['tasks secrets:git-setup', 'once in each clone; a second run changes nothing'],
    ['tasks secrets:git-setup --undo', 'git as it was'],
  ],
  anywhere: true,
  async run({ options: { undo, dryRun, json }, output }) {
    const { changes, findings } = await planSetup({ cwd: process.cwd(), command: quote(program()), undo })
    output.findings(findings)
    for (const { title, run } of changes) {
      if (!dryRun) await run()
      output.line(dryRun ? `would: ${title}` : title)
    }
    if (changes.length === 0) output.line(undo ? 'nothing to take back' : 'git is set up: nothing to change')
    else if (!undo && !dryRun) output.next('git add .gitattributes')
    if (json) output.json({ changes: changes.map(({ title }) => title), findings })
  },
})

// .git/config is read by git in any folder and by hooks with any PATH.
function program(): string {
  const file = join(packageRoot(), 'dist', 'tasks.js')
  if (existsSync(file)) return file
  throw new TaskError(`${file} is missing, and git has to start it`, { hint: 'npm run build' })
}
