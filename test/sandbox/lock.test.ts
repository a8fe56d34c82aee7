import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { withLock } from '../../tasks/lib/sandbox/control-plane/lock.ts'
import { listener, temporaryFolder } from '../support/folder.ts'

test('two runs work one after the other, and the second says what it waits for', async () => {
  const file = join(await temporaryFolder(), 'lock')
  const events: string[] = []
  const { said, say, signal } = listener()
  const enter = (name: string) =>
    withLock(file, {
      say,
      signal,
      what: 'another run works',
      work: async () => {
        events.push(`${name} in`)
        // On a slow host the first one would be through before anybody else looks.
        while (said.length === 0) await sleep(10)
        await sleep(30)
        events.push(`${name} out`)
      },
    })
  await Promise.all([enter('a'), enter('b'), enter('c')])
  expect(events.map((event) => event.split(' ')[1])).toEqual(['in', 'out', 'in', 'out', 'in', 'out'])
  expect(said[0]).toBe(`waiting: another run works (process ${process.pid})`)
})

test('the lock of a run that was killed is taken over', async () => {
  const file = join(await temporaryFolder(), 'lock')
  await writeFile(file, JSON.stringify({ pid: process.pid, started: 'another time' }))
  const options = { ...listener(), what: 'another run works', work: async () => 'done' }
  expect(await Promise.all([withLock(file, options), withLock(file, options)])).toEqual(['done', 'done'])
})

test('an error inside gives the lock back', async () => {
  const file = join(await temporaryFolder(), 'lock')
  const options = { ...listener(), what: 'another run works' }
  const failing = async () => {
    throw new Error('broken')
  }
  await expect(withLock(file, { ...options, work: failing })).rejects.toThrow('broken')
  expect(await withLock(file, { ...options, work: async () => 'done' })).toBe('done')
})

test('Ctrl-C ends the waiting', async () => {
  const file = join(await temporaryFolder(), 'lock')
  const { said, say, signal, abort } = listener()
  const options = { say, signal, what: 'another run works' }
  await withLock(file, {
    ...options,
    work: async () => {
      const waiting = withLock(file, { ...options, work: async () => 'never' })
      const ended = expect(waiting).rejects.toThrow('stopped')
      while (said.length === 0) await sleep(10)
      abort()
      await ended
    },
  })
})
