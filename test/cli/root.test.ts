import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findProjectRoot, packageInfo, packageRoot, projectRoot } from '../../tasks/lib/cli/root.ts'
import { temporaryFolder } from '../support/cli.ts'

test.each(['cluster.yaml', '.env', 'manifests/web.yaml'])(
  '%s makes a folder the root of a project',
  (mark) => {
    const root = temporaryFolder({ [mark]: '', 'deep/er/file': '' })
    expect(findProjectRoot(join(root, 'deep/er'))).toBe(root)
    expect(projectRoot(root)).toBe(root)
  },
)

test('the nearest parent wins', () => {
  const root = temporaryFolder({ '.env': '', 'inner/cluster.yaml': '', 'inner/deep/file': '' })
  expect(projectRoot(join(root, 'inner/deep'))).toBe(join(root, 'inner'))
})

test('outside any project the error says how to start one', () => {
  const folder = temporaryFolder()
  expect(findProjectRoot(folder)).toBeUndefined()
  expect(() => projectRoot(folder)).toThrow(
    expect.objectContaining({
      message: `no project here: ${folder} and its parents have no cluster.yaml, .env or manifests/`,
      findings: [expect.objectContaining({ hint: expect.stringContaining('tasks init') })],
    }),
  )
})

test('inside the package the package is the project', () => {
  expect(projectRoot(join(packageRoot(), 'tasks', 'lib'))).toBe(packageRoot())
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'metaltasks'))
  expect(findProjectRoot(join(folder, 'metaltasks'))).toBeUndefined()
})

test('the package knows its name', () => {
  expect(packageInfo().name).toBe('metaltasks')
})
