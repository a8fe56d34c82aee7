import { expect, it } from 'vitest'
import { isAbort, withSignals } from '../../tasks/lib/cli/commands/signals.ts'
import { TaskError } from '../../tasks/lib/cli/errors.ts'

const quiet = { say: () => {} }

it('gives the exit code of the work and leaves no handler behind', async () => {
  const before = process.listenerCount('SIGINT')
  expect(await withSignals(async () => 3, quiet)).toBe(3)
  expect(process.listenerCount('SIGINT')).toBe(before)
})

it('work that ends itself because of Ctrl-C gives 130', async () => {
  const work = withSignals(async (signal) => {
    process.emit('SIGINT')
    signal.throwIfAborted()
    return 0
  }, quiet)
  expect(await work).toBe(130)
})

it('work that fails after Ctrl-C for another reason still tells it', async () => {
  const work = withSignals(async () => {
    process.emit('SIGTERM')
    throw new TaskError('the disk is full')
  }, quiet)
  await expect(work).rejects.toThrow('the disk is full')
})

it('work that ends well in spite of Ctrl-C keeps its exit code, and people heard that it was noticed', async () => {
  const said: string[] = []
  const work = async () => {
    process.emit('SIGINT')
    return 0
  }
  expect(await withSignals(work, { say: (text) => void said.push(text) })).toBe(0)
  expect(said).toEqual(['stopping: what is in flight is finished first; Ctrl-C again ends at once'])
})

it('an error counts as the end of the work only after the signal was aborted', () => {
  const controller = new AbortController()
  const error = new DOMException('aborted', 'AbortError')
  expect(isAbort(error, controller.signal)).toBe(false)
  controller.abort(new Error('stop'))
  expect(isAbort(error, controller.signal)).toBe(true)
  expect(isAbort(controller.signal.reason, controller.signal)).toBe(true)
  expect(isAbort(new Error('other'), controller.signal)).toBe(false)
})
