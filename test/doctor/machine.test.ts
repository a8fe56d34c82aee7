import { chmodSync, mkdirSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  bundleResults,
  clockResult,
  findOnPath,
  nodeResult,
  packagesResult,
  programResult,
} from '../../tasks/lib/doctor/machine.ts'
import { temporaryFolder } from '../support/cli.ts'

test.each([
  ['20.19.0', 'good'],
  ['v20.20.2', 'good'],
  ['22.1.0', 'good'],
  ['20.18.9', 'missing'],
  ['18.20.0', 'missing'],
])('node %s is %s', (version, state) => {
  expect(nodeResult(version).state).toBe(state)
})

test('a node that is too old comes with the way to a newer one', () => {
  expect(nodeResult('18.20.0')).toEqual({
    name: 'node',
    state: 'missing',
    detail: '18.20.0 is older than 20.19',
    hint: 'install a newer one: see nodejs.org/en/download',
  })
})

test('npm packages that are not installed are named', () => {
  const root = temporaryFolder({
    'package.json': '{"dependencies":{"zx":"1","yaml":"1","dotenv":"1"}}',
    'node_modules/yaml/package.json': '{}',
  })
  expect(packagesResult(root)).toEqual({
    name: 'npm packages',
    state: 'missing',
    detail: 'not installed: zx, dotenv',
    hint: `cd ${root} && npm ci`,
  })
})

test('npm packages may lie in the folder of the project that installed this one', () => {
  const root = temporaryFolder({
    'node_modules/metaltasks/package.json': '{"dependencies":{"zx":"1"}}',
    'node_modules/zx/package.json': '{}',
  })
  expect(packagesResult(join(root, 'node_modules/metaltasks'))).toMatchObject({ state: 'good' })
})

describe('the built program', () => {
  const files = { 'dist/tasks.js': '', 'tasks/index.ts': '' }
  const setTime = (root: string, time: number) => {
    for (const name of ['tasks/index.ts', 'tasks']) utimesSync(join(root, name), time, time)
  }

  test('is worth a look when it is older than its sources', () => {
    const root = temporaryFolder(files)
    setTime(root, 4_000_000_000)
    expect(bundleResults(root)).toEqual([
      {
        name: 'built program',
        state: 'warning',
        detail: 'older than its sources, so every start takes a second longer',
        hint: `cd ${root} && npm run build`,
      },
    ])
    setTime(root, 1_000_000_000)
    expect(bundleResults(root)).toMatchObject([{ state: 'good' }])
  })

  test('is not spoken of where there is none', () => {
    expect(bundleResults(temporaryFolder({ 'tasks/index.ts': '' }))).toEqual([])
  })
})

test('a program that is not on PATH comes with the way to get it', () => {
  const path = temporaryFolder({ 'bin/ssh': '' })
  expect(programResult('ssh', { path: join(path, 'bin'), purpose: 'machines are reached by it' })).toEqual({
    name: 'ssh',
    state: 'warning',
    detail: 'not on PATH: machines are reached by it',
    hint: 'apt install openssh-client, or add its folder to PATH',
  })
})

test('a program is found where a shell finds it', () => {
  const root = temporaryFolder({ 'one/git': '', 'two/git': '', 'three/git': '' })
  mkdirSync(join(root, 'folder/git'), { recursive: true })
  chmodSync(join(root, 'two/git'), 0o755)
  chmodSync(join(root, 'three/git'), 0o755)
  const path = ['folder', 'one', 'missing', 'two', 'three'].map((name) => join(root, name)).join(':')
  expect(findOnPath('git', path)).toBe(join(root, 'two/git'))
  expect(findOnPath(join(root, 'three/git'), '')).toBe(join(root, 'three/git'))
  expect(findOnPath('', path)).toBeUndefined()
})

test('a clock that is behind the files of this package is wrong', () => {
  const packageRoot = temporaryFolder({ 'package.json': '{}' })
  utimesSync(join(packageRoot, 'package.json'), 1_780_000_000, 1_780_000_000)
  expect(clockResult({ packageRoot, now: new Date('2026-06-01T00:00:00Z') })).toMatchObject({ state: 'good' })
  expect(clockResult({ packageRoot, now: new Date('1970-01-02T00:00:00Z') })).toEqual({
    name: 'clock',
    state: 'missing',
    detail: 'it says 1970-01-02T00:00:00.000Z, but this package was written at 2026-05-28T20:26:40.000Z',
    hint: 'set it: timedatectl set-ntp true',
  })
})
