import { join } from 'node:path'
import { quote } from '../lib/cli/process/quote.ts'
import { packageRoot } from '../lib/cli/root.ts'
import { defineTask } from '../lib/cli/task.ts'
import { painter } from '../lib/cli/terminal/colours.ts'
import { sectionLines } from '../lib/doctor/table.ts'
import type { Section } from '../lib/secrets/doctor/check.ts'
import { examineSecrets } from '../lib/secrets/doctor/doctor.ts'
import { secretProject } from '../lib/secrets/project.ts'

export default defineTask(import.meta, {
  group: 'secrets',
  summary: 'say which secret files open here, and which keys are missing',
  description:
    'Looks at your keys, those of people in secrets/keys, .sops.yaml, every secret file, gpg with its agent and ' +
    'pinentry, sops, the place for editing and git. Changes nothing. A file that is named is opened, and what each of ' +
    'its keys said is told. Each ! or ✗ has the next thing to type below it. Ends 1 when there is a ✗.',
  arguments: {
    files: { summary: 'names of secret files, or paths, to open', many: true, complete: 'files' },
  },
  examples: [
    ['tasks secrets:doctor', 'look at everything'],
    ['tasks secrets:doctor db', 'why secrets/db.yaml does not open'],
    ['tasks secrets:doctor --json', 'the same as one JSON document'],
  ],
  anywhere: true,
  async run({ arguments: { files: named }, options: { json }, root, output, signal }) {
    const sections = await examineSecrets({
      project: secretProject({ root, output: { findings: () => {} }, signal }),
      named,
      command: quote(join(packageRoot(), 'dist', 'tasks.js')),
      terminal: process.stdin.isTTY === true,
      now: new Date(),
      signal,
    })
    const missing = count(sections, 'missing')
    const warnings = count(sections, 'warning')
    if (json) output.json({ missing, warnings, sections })
    else output.data(`${sectionLines(sections, painter(output.dataColours)).join('\n')}\n`)
    output.line(verdict(missing, warnings))
    return missing === 0 ? 0 : 1
  },
})

function count(sections: Section[], state: string): number {
  return sections.flatMap(({ results }) => results).filter((result) => result.state === state).length
}

function verdict(missing: number, warnings: number): string {
  if (missing > 0) return `${missing} wrong, ${warnings} worth a look`
  return warnings > 0 ? `nothing is wrong, ${warnings} worth a look` : 'nothing is wrong'
}
