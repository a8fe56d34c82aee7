import { appendFile, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lastLines, limitLog } from '../../tasks/lib/sandbox/control-plane/logs.ts'
import { temporaryFolder } from '../support/folder.ts'

test('a log above 10 MB is moved aside, a smaller or missing one is left alone', async () => {
  const file = join(await temporaryFolder(), 'etcd.log')
  await limitLog(file)
  await writeFile(file, 'start\n')
  await limitLog(file)
  expect(await readFile(file, 'utf8')).toBe('start\n')
  await truncate(file, 11 * 1024 * 1024)
  await limitLog(file)
  await appendFile(file, 'goes on\n')
  expect(await readFile(file, 'utf8')).toBe('goes on\n')
  expect((await stat(`${file}.1`)).size).toBe(11 * 1024 * 1024)
})

test('the last words of a log are its last lines that are not empty', async () => {
  const file = join(await temporaryFolder(), 'etcd.log')
  await writeFile(file, 'one\ntwo\n\nthree\n\n')
  expect(await lastLines(file, 2)).toEqual(['two', 'three'])
  expect(await lastLines(`${file}.missing`, 2)).toEqual([])
})
