import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { withVariables } from '../scripts/docs/variables-table.ts'
import { parseCommandLine } from '../tasks/lib/cli/commands/arguments.ts'
import { readTasks } from '../tasks/lib/cli/commands/discover.ts'
import { loadTask } from '../tasks/lib/cli/commands/load.ts'
import { packageRoot } from '../tasks/lib/cli/root.ts'
import { readmeCommands } from './support/readme.ts'

const readme = readFileSync(join(packageRoot(), 'README.md'), 'utf8')
const entries = readTasks(join(packageRoot(), 'tasks'), 'package')

test('the tables of variables in the README are current', () => {
  expect(withVariables(readme), 'run: npm run docs').toBe(readme)
})

test('the README names commands', () => {
  expect(readmeCommands(readme).length).toBeGreaterThan(15)
})

test.each(readmeCommands(readme))('the README: %s is a command that tasks takes', async (_, words) => {
  const [name, ...rest] = words
  if (name === undefined) return
  const entry = entries.find((candidate) => candidate.name === name)
  expect(entry, `there is no task ${name}`).toBeDefined()
  parseCommandLine({ name, task: await loadTask(entry!) }, rest)
})
