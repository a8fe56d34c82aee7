import { describe, expect, test } from 'vitest'
import { createLimiter, type Limiter } from '../../tasks/lib/api/http/limiter.ts'

describe('requests in flight', () => {
  test('are never more than the limit, and wait in their order', async () => {
    const limiter = createLimiter({ start: 2 })
    const admitted: number[] = []
    for (const number of [1, 2, 3, 4]) limiter.acquire().then(() => admitted.push(number))
    await settled()
    expect(admitted).toEqual([1, 2])
    limiter.release('unanswered')
    await settled()
    expect(admitted).toEqual([1, 2, 3])
  })

  test('grow by one for each answer until the first overload, up to the maximum', async () => {
    const limiter = createLimiter({ start: 4, max: 6 })
    for (let i = 0; i < 100; i++) void limiter.acquire()
    expect(answers(limiter, 4)).toEqual([5, 6, 6, 6])
  })

  test('grow by one for each full round of answers after an overload', async () => {
    const limiter = createLimiter({ start: 8, min: 4, max: 6 })
    for (let i = 0; i < 100; i++) void limiter.acquire()
    limiter.release('overloaded')
    expect(answers(limiter, 12)).toEqual([4, 4, 4, 4, 5, 5, 5, 5, 5, 6, 6, 6])
    expect(answers(limiter, 20).at(-1)).toBe(6)
  })

  test('do not grow where the limit was not reached', async () => {
    const limiter = createLimiter({ start: 4 })
    for (let i = 0; i < 50; i++) {
      await limiter.acquire()
      limiter.release('answered')
    }
    expect(limiter.limit).toBe(4)
  })

  test('are halved by an overload, once for all answers to one burst, and never below the minimum', async () => {
    let now = 0
    const limiter = createLimiter({ start: 32, min: 8, now: () => now })
    for (let i = 0; i < 4; i++) await limiter.acquire()
    limiter.release('overloaded')
    limiter.release('overloaded')
    expect(limiter.limit).toBe(16)
    now = 500
    limiter.release('overloaded')
    now = 1000
    limiter.release('overloaded')
    expect(limiter.limit).toBe(8)
  })

  test('that wait can be given up, and take no place then', async () => {
    const limiter = createLimiter({ start: 1 })
    await limiter.acquire()
    const stop = new AbortController()
    const waiting = limiter.acquire(stop.signal)
    stop.abort(new Error('stopped'))
    await expect(waiting).rejects.toThrow('stopped')
    limiter.release('answered')
    await limiter.acquire()
    await expect(limiter.acquire(stop.signal)).rejects.toThrow('stopped')
  })
})

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function answers(limiter: Limiter, count: number): number[] {
  return Array.from({ length: count }, () => {
    limiter.release('answered')
    return limiter.limit
  })
}
