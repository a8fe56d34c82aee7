import { expect, test } from 'vitest'
import { taskList } from '../../tasks/lib/cli/commands/list.ts'
import { groups } from '../../tasks/lib/cli/task.ts'

const entry = (name: string, group?: string, summary?: string) =>
  ({ name, group, summary, file: '', from: 'package', oldNames: [] }) as never

test('tasks are listed by group, each with its summary', () => {
  const entries = [
    entry('apply', 'manifests', 'apply a manifest'),
    entry('install', 'start', 'install everything'),
    entry('odd'),
    entry('plan', 'start', 'show what would change'),
    entry('sandbox:up', 'sandbox', 'start the sandbox'),
  ]
  expect(taskList(entries)).toBe(`usage: tasks NAME [ARGUMENTS] [OPTIONS]

start
  install     install everything
  plan        show what would change

manifests
  apply       apply a manifest

sandbox
  sandbox:up  start the sandbox

project
  odd

more: tasks NAME --help
`)
})

test('the groups come in their order', () => {
  const entries = [...groups].reverse().map((group) => entry(`${group}:x`, group))
  const headings = taskList(entries).match(/^[a-z]+$/gm)
  expect(headings).toEqual([...groups])
})
