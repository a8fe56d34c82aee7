import { secretFindings } from '../lib/addons/secret-check.ts'
import { quote } from '../lib/cli/process/quote.ts'
import { defineTask } from '../lib/cli/task.ts'
import { confirm } from '../lib/cli/terminal/prompts.ts'
import { editFile } from '../lib/secrets/edit/edit-file.ts'
import { secretProject } from '../lib/secrets/project.ts'

export default defineTask(import.meta, {
  group: 'secrets',
  summary: 'edit a secret file in your editor; its clear text is in memory only',
  description:
    'The editor is $SOPS_EDITOR, $VISUAL or $EDITOR, else vim, nano or vi; its swap files, backups and histories are ' +
    'turned off. Its file lies in a folder in memory that only you can enter, and is gone afterwards. What is not valid ' +
    'is not saved; what is unchanged is not written; only values that changed are encrypted anew. With KEY you edit one ' +
    'value, decoded where data of a Secret holds it.',
  arguments: {
    name: { summary: 'a secret file: keyname, or a path', required: true, complete: 'files' },
    key: { summary: 'one value: tls.crt, or stringData.config' },
  },
  options: {},
  examples: [
    ['tasks secrets:edit db', 'the whole file'],
    ['tasks secrets:edit web tls.crt', 'one value, of many lines'],
    ['EDITOR="code --wait" tasks secrets:edit db', 'in another editor'],
  ],
  anywhere: true,
  async run({ arguments: { name, key }, options: { dryRun, json }, root, output, signal }) {
    const project = secretProject({ root, output, signal })
    const isTerminal = Boolean(process.stdin.isTTY && process.stderr.isTTY)
    const written = await editFile(name, {
      project,
      ...(key !== undefined && { value: key }),
      now: () => new Date(),
      dryRun,
      check: secretFindings,
      tell: output.findings,
      async again(findings) {
        if (!isTerminal) return false
        output.findings(findings)
        return confirm('edit again?', { default: true })
      },
    })
    const { file, changes, findings, holdsSecrets } = written
    output.findings(findings)
    if (json) output.json({ file, changed: changes !== undefined })
    if (changes === undefined) return output.line(`${file} is as it was: nothing was written`)
    output.line(dryRun ? `${file} would be written: ${changes}` : `${file} is written: ${changes}`)
    if (!dryRun && holdsSecrets) output.next(`tasks secrets:apply ${quote(name)}`)
  },
})
