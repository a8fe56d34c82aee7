import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { spread } from '../../scripts/test-order.ts'
import { bundledProgram } from '../support/bundled-program.ts'
import { temporaryFolder } from '../support/folder.ts'
import { giveTurns, takeTurn } from '../support/turns.ts'

test.each([
  ['u1 u2 u3 u4 u5 u6 r1 r2', 'u1 r1 u2 u3 u4 r2 u5 u6'],
  ['r1 r2 u1 u2 u3', 'r1 u1 u2 r2 u3'],
  ['u1 u2', 'u1 u2'],
  ['', ''],
])('files of each project are spread over the whole run: %s', (given, wanted) => {
  expect(spread(given.split(' '), (file) => file.slice(0, 1)).join(' ')).toBe(wanted)
})

describe('files that share one API server', () => {
  let path: string
  beforeEach(async () => {
    path = join(await temporaryFolder(), 'turns')
    onTestFinished(await giveTurns(path))
  })

  test('have it one at a time, in their order', async () => {
    const had: number[] = []
    let running = 0
    await Promise.all(
      [1, 2, 3, 4].map(async (file) => {
        const end = await takeTurn(path)
        expect(++running).toBe(1)
        had.push(file)
        await new Promise((resolve) => setTimeout(resolve, 10))
        running--
        end()
      }),
    )
    expect(had).toEqual([1, 2, 3, 4])
  })

  test('and one that is killed holds nobody up, whether it has its turn or waits', async () => {
    const program = await bundledProgram('turn-holder')
    const holder = spawn(process.execPath, [program, path], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(holder.stdout, 'data')
    const waiting = spawn(process.execPath, [program, path], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(waiting.stdout, 'data')
    const mine = takeTurn(path)
    waiting.kill('SIGKILL')
    await once(waiting, 'exit')
    holder.kill('SIGKILL')
    ;(await mine)()
  })

  test('are not held up for ever by a run that has ended', async () => {
    const end = await giveTurns(`${path}-ended`)
    await takeTurn(`${path}-ended`)
    const waiting = takeTurn(`${path}-ended`)
    setTimeout(end, 50)
    await expect(waiting).rejects.toThrow('no turns are given')
    await expect(takeTurn(`${path}-ended`)).rejects.toThrow('ENOENT')
  })
})
