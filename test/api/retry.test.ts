import { describe, expect, test } from 'vitest'
import { ApiError, NoAnswerError } from '../../tasks/lib/api/errors.ts'
import { retryDelay, type Trial } from '../../tasks/lib/api/http/retry.ts'
import { TaskError } from '../../tasks/lib/cli/errors.ts'

const first: Trial = { isIdempotent: false, tries: 0, waitedMs: 0, patienceMs: 60_000 }
const again: Trial = { ...first, isIdempotent: true }
const unsent = new NoAnswerError('refused', { sent: false })
const lost = new NoAnswerError('reset', { sent: true })

function answer(
  status: number,
  options: { after?: number; message?: string; cause?: string } = {},
): ApiError {
  const causes = options.cause ? [{ reason: options.cause }] : []
  return new ApiError(options.message ?? 'no', {
    status,
    details: { causes },
    retryAfterSeconds: options.after,
  })
}

describe('a request is sent again', () => {
  test.each<[string, unknown, Trial]>([
    ['whatever it is, when it never left', unsent, first],
    ['when its answer got lost and doing it twice is like doing it once', lost, again],
    ['whatever it is, after 429', answer(429), first],
    ['whatever it is, after 503 with Retry-After', answer(503, { after: 1 }), first],
    ['after 503 when doing it twice is like doing it once', answer(503), again],
    [
      'after 500 of a store that changes its leader',
      answer(500, { message: 'etcdserver: leader changed' }),
      again,
    ],
    ['after 403 of a server that has just come back', answer(403), { ...again, isAfterOutage: true }],
  ])('%s', (_case, error, trial) => {
    expect(retryDelay(error, trial)).toBeGreaterThan(0)
  })
})

describe('a request is not sent again', () => {
  test.each<[string, unknown, Trial]>([
    ['when its answer got lost and doing it twice is not like doing it once', lost, first],
    ['when the server was waited for long enough', unsent, { ...again, waitedMs: 60_000 }],
    ['after 429 of a disruption budget', answer(429, { cause: 'DisruptionBudget' }), again],
    ['after 503 without Retry-After when doing it twice is not like doing it once', answer(503), first],
    ['for ever after 503 without Retry-After', answer(503), { ...again, tries: 4 }],
    ['after 500 of a webhook', answer(500, { message: 'failed calling webhook "a"' }), again],
    ['after 403', answer(403), again],
    [
      'for ever after 403 of a server that has just come back',
      answer(403),
      { ...again, tries: 5, isAfterOutage: true },
    ],
    ['after 404', answer(404), again],
    ['after 409', answer(409), again],
    ['after 422', answer(422), again],
    ['after an error that is not about the server', new TaskError('no'), again],
  ])('%s', (_case, error, trial) => {
    expect(retryDelay(error, trial)).toBeUndefined()
  })
})

describe('the pause before it', () => {
  test('is what Retry-After says, and a little more', () => {
    const delay = retryDelay(answer(429, { after: 3 }), first)
    expect(delay).toBeGreaterThanOrEqual(3000)
    expect(delay).toBeLessThanOrEqual(3250)
  })

  test.each([0, 1, 5, 30, 200])(
    'after %i tries is at most a second for a server that does not answer',
    (tries) => {
      const delay = retryDelay(unsent, { ...first, tries })
      expect(delay).toBeGreaterThanOrEqual(50)
      expect(delay).toBeLessThanOrEqual(1000)
    },
  )
})
