import { expect, test } from 'vitest'
import { readHeader } from '../../tasks/lib/cli/commands/header.ts'

test('group, summary and old names are read from the source', () => {
  const source = `
    import { defineTask } from 'metaltasks'
    // group: 'comment', defineTask(import.metal, {
    export default defineTask(import.meta, {
      group: 'start', // summary: 'not this'
      summary: 'one line, with a comma: and a colon',
      oldNames: ['old_name', "other/name"],
    })`
  expect(readHeader(source)).toEqual({
    group: 'start',
    summary: 'one line, with a comma: and a colon',
    oldNames: ['old_name', 'other/name'],
  })
})

test("an option's summary is not the task's", () => {
  const source = `export default defineTask(import.meta, {
    options: { output: { type: 'string', summary: 'the option' } },
    arguments: { name: { summary: 'the argument' } },
    async run({ output }) { output.line({ summary: 'no' }) },
    summary: 'the task',
    group: 'nodes',
  })`
  expect(readHeader(source)).toMatchObject({ group: 'nodes', summary: 'the task' })
})

test.each([
  [`"double"`, 'double'],
  ['`backticks`', 'backticks'],
  [`'it\\'s'`, "it's"],
  [`'first ' +\n 'second'`, 'first second'],
])('a summary spelled %s is understood', (spelling, text) => {
  expect(readHeader(`defineTask(import.meta, { summary: ${spelling} })`).summary).toBe(text)
})

test.each(['text', '`with ${name}`', "describe('x')", "isOn ? 'a' : 'b'"])(
  'a computed summary (%s) is left out instead of guessed',
  (spelling) => {
    expect(readHeader(`defineTask(import.meta, { summary: ${spelling}, group: 'start' })`)).toEqual({
      group: 'start',
      summary: undefined,
      oldNames: [],
    })
  },
)

test.each(['', 'export const x = 1', 'defineTask(', 'defineTask(import.meta, {'])(
  'a file without a readable definition (%s) has neither',
  (source) => {
    expect(readHeader(source)).toEqual({ group: undefined, summary: undefined, oldNames: [] })
  },
)
