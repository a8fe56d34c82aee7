import { join } from 'node:path'
import { expect, test } from 'vitest'
import { discoverTasks, readTasks, taskName } from '../../tasks/lib/cli/commands/discover.ts'
import { packageRoot } from '../../tasks/lib/cli/root.ts'
import { temporaryFolder } from '../support/cli.ts'

const greet = `export default defineTask(import.meta, { group: 'start', summary: 'say hello' })`

test('every .ts file in tasks/ is a command, folders stand before a colon', () => {
  const root = temporaryFolder({
    'tasks/greet.ts': greet,
    'tasks/secrets/new.ts': greet,
    'tasks/a/b/c.ts': greet,
    'tasks/index.ts': '',
    'tasks/lib/helper.ts': '',
    'tasks/types.d.ts': '',
    'tasks/greet.test.ts': '',
    'tasks/notes.md': '',
    'tasks/.hidden/x.ts': '',
    'tasks/node_modules/x/y.ts': '',
  })
  const names = readTasks(join(root, 'tasks'), 'project').map(({ name }) => name)
  expect(names.sort()).toEqual(['a:b:c', 'greet', 'secrets:new'])
})

test('a command whose summary cannot be read is there all the same', () => {
  const root = temporaryFolder({ 'tasks/odd.ts': 'export default 1' })
  expect(discoverTasks(root).find(({ name }) => name === 'odd')).toEqual({
    name: 'odd',
    file: join(root, 'tasks/odd.ts'),
    from: 'project',
    group: undefined,
    summary: undefined,
    oldNames: [],
  })
})

test("the project's own command wins over the package's of the same name", () => {
  const root = temporaryFolder({ 'tasks/completion.ts': greet, 'tasks/greet.ts': greet })
  const entries = discoverTasks(root).filter(({ name }) => ['completion', 'greet'].includes(name))
  expect(entries.map(({ name, from }) => [name, from])).toEqual([
    ['completion', 'project'],
    ['greet', 'project'],
  ])
})

test('without a project there are the commands of the package', () => {
  const completion = discoverTasks(undefined).find(({ name }) => name === 'completion')
  expect(completion).toMatchObject({ from: 'package', group: 'start', oldNames: [] })
})

test('inside the package each command is there once', () => {
  const names = discoverTasks(packageRoot()).map(({ name }) => name)
  expect(names).toEqual([...new Set(names)])
})

test('a file name is a command name', () => {
  expect(['install.ts', 'secrets/new.ts', 'node-labels.ts'].map(taskName)).toEqual([
    'install',
    'secrets:new',
    'node-labels',
  ])
})
