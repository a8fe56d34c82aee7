import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeKubeconfig } from '../../tasks/lib/kubernetes/kubeconfig/kubeconfig-file.ts'
import { temporaryFolder } from '../support/cli.ts'

const at = (second: number) => new Date(Date.UTC(2026, 0, 2, 3, 4, second))

test('the file is private, and so is a folder that had to be made', async () => {
  const file = join(temporaryFolder(), '.kube', 'config')
  await writeKubeconfig(file, { text: 'new\n', backupAt: at(0) })
  expect(readFileSync(file, 'utf8')).toBe('new\n')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(statSync(join(file, '..')).mode & 0o777).toBe(0o700)
  expect(readdirSync(join(file, '..'))).toEqual(['config'])
})

test('the newest five versions are kept beside it, and nothing else is removed', async () => {
  const folder = temporaryFolder({
    config: 'version 0',
    'config.bak': 'mine',
    'other.20200101T000000Z.bak': 'mine',
  })
  const file = join(folder, 'config')
  for (const n of [1, 2, 3, 4, 5, 6, 7])
    await writeKubeconfig(file, { text: `version ${n}`, backupAt: at(n) })
  const kept = [3, 4, 5, 6, 7].map((second) => `config.20260102T03040${second}Z.bak`)
  expect(readdirSync(folder).sort()).toEqual(
    ['config', ...kept, 'config.bak', 'other.20200101T000000Z.bak'].sort(),
  )
  expect(readFileSync(join(folder, kept[0]!), 'utf8')).toBe('version 2')
  expect(statSync(join(folder, kept[0]!)).mode & 0o777).toBe(0o600)
})

test('a link to a file elsewhere stays a link', async () => {
  const folder = temporaryFolder({ 'dotfiles/kube': 'old' })
  symlinkSync(join(folder, 'dotfiles/kube'), join(folder, 'config'))
  await writeKubeconfig(join(folder, 'config'), { text: 'new', backupAt: at(0) })
  expect(lstatSync(join(folder, 'config')).isSymbolicLink()).toBe(true)
  expect(readFileSync(join(folder, 'dotfiles/kube'), 'utf8')).toBe('new')
})

test('a place that cannot be written is an error that names it', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'file'), '')
  mkdirSync(join(folder, 'config'))
  const below = writeKubeconfig(join(folder, 'file', 'config'), { text: '' })
  await expect(below).rejects.toThrow(`kubeconfig ${folder}/file/config cannot be written: `)
  const folderItself = writeKubeconfig(join(folder, 'config'), { text: '' })
  await expect(folderItself).rejects.toThrow(`kubeconfig ${folder}/config cannot be written: `)
  expect(readdirSync(folder).sort()).toEqual(['config', 'file'])
})
