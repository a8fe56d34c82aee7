import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { readTasks } from '../../tasks/lib/cli/commands/discover.ts'
import { readHeader } from '../../tasks/lib/cli/commands/header.ts'
import { loadTask } from '../../tasks/lib/cli/commands/load.ts'
import { argumentName, globalOptions, optionsOf, spellings } from '../../tasks/lib/cli/commands/options.ts'
import { runTask } from '../../tasks/lib/cli/commands/run.ts'
import { packageRoot } from '../../tasks/lib/cli/root.ts'
import { type ArgumentDefinition, groups } from '../../tasks/lib/cli/task.ts'

const entries = readTasks(join(packageRoot(), 'tasks'), 'package')

describe.each(entries)('tasks $name', (entry) => {
  test('is listed with the group and the summary that it has', async () => {
    const { group, summary, oldNames = [] } = await loadTask(entry)
    expect(readHeader(readFileSync(entry.file, 'utf8'))).toEqual({ group, summary, oldNames })
    expect(groups).toContain(group)
  })

  test('has a summary in one lower-case line without a full stop', async () => {
    const { summary } = await loadTask(entry)
    expect(summary).toMatch(/^(?![A-Z][a-z])[^\n]{5,80}(?<!\.)$/)
  })

  test('has an example, and each example is of this task', async () => {
    const { examples } = await loadTask(entry)
    expect(examples.length).toBeGreaterThan(0)
    for (const [command, meaning] of examples) {
      expect(command).toMatch(new RegExp(`\\btasks ${entry.name}\\b`))
      expect(meaning).not.toBe('')
    }
  })

  test('--help shows its examples and all that it takes', async () => {
    const task = await loadTask(entry)
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    const exitCode = await runTask({ name: entry.name, task }, ['--help'])
    const help = write.mock.calls.map(([text]) => text).join('')
    write.mockRestore()
    expect(exitCode).toBe(0)
    const argumentNames = Object.keys(task.arguments ?? {}).map(argumentName)
    const flags = optionsOf(task).map(({ flag }) => flag)
    const commands = task.examples.map(([command]) => command)
    for (const text of [...argumentNames, ...flags, ...commands, task.summary]) expect(help).toContain(text)
  })

  test('has no option that is spelled like another one', async () => {
    const task = await loadTask(entry)
    const all = optionsOf(task).flatMap(spellings)
    expect(all).toEqual([...new Set(all)])
    expect(Object.keys(task.options ?? {}).filter((key) => key in globalOptions)).toEqual([])
  })

  test('takes many words in its last argument only, and nothing required after something optional', async () => {
    const definitions = Object.values<ArgumentDefinition>((await loadTask(entry)).arguments ?? {})
    expect(definitions.slice(0, -1).filter(({ many }) => many)).toEqual([])
    const isOptional = definitions.map(({ required }) => !required)
    expect(isOptional).toEqual(isOptional.toSorted())
  })
})

test.each(['init', 'completion'].filter((name) => entries.some((entry) => entry.name === name)))(
  'tasks %s runs outside any project',
  async (name) => {
    expect(await loadTask(entries.find((entry) => entry.name === name)!)).toMatchObject({ anywhere: true })
  },
)

test('no two tasks share an old name', () => {
  const all = entries.flatMap(({ name, oldNames }) => [name, ...oldNames])
  expect(all).toEqual([...new Set(all)])
})
