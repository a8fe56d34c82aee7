import { findProjectRoot } from './lib/cli/root.ts'
import { defineTask } from './lib/cli/task.ts'
import { painter } from './lib/cli/terminal/colours.ts'
import { examine } from './lib/doctor/doctor.ts'
import type { Section } from './lib/doctor/result.ts'
import { sectionLines } from './lib/doctor/table.ts'

export default defineTask(import.meta, {
  group: 'start',
  summary: 'look for what is missing on this machine, in the project and in the cluster',
  description: 'Changes nothing. Each ! or ✗ has the next thing to type below it. Ends 1 when there is a ✗.',
  examples: [
    ['tasks doctor', 'look at everything'],
    ['tasks doctor --json', 'the same as one JSON document'],
  ],
  oldNames: ['check', 'preflight'],
  anywhere: true,
  async run({ output, options, signal }) {
    const root = findProjectRoot(process.cwd())
    const sections = await output.live('look at everything', () => examine(root, signal))
    const missing = count(sections, 'missing')
    const warnings = count(sections, 'warning')
    if (options.json) output.json({ missing, warnings, sections })
    else output.data(`${sectionLines(sections, painter(output.dataColours)).join('\n')}\n`)
    output.line(verdict(missing, warnings))
    if (missing === 0) output.next('tasks plan')
    return missing === 0 ? 0 : 1
  },
})

function count(sections: Section[], state: string): number {
  return sections.flatMap(({ results }) => results).filter((result) => result.state === state).length
}

function verdict(missing: number, warnings: number): string {
  if (missing > 0) return `${missing} missing, ${warnings} worth a look`
  return warnings > 0 ? `nothing is missing, ${warnings} worth a look` : 'nothing is missing'
}
