import { describe, expect, test } from 'vitest'
import {
  apiError,
  isAlreadyExists,
  isConflict,
  isExpired,
  isForbidden,
  isNotFound,
  isTooManyRequests,
} from '../../tasks/lib/api/errors.ts'

const ref = { apiVersion: 'v1', kind: 'Pod', namespace: 'apps', name: 'web' }

function errorOf(
  status: number,
  { text = '', headers = {} }: { text?: string; headers?: Record<string, string> } = {},
) {
  return apiError({ status, headers, text }, { ref, what: 'GET /x' })
}

function statusText(fields: object): string {
  return JSON.stringify({ kind: 'Status', apiVersion: 'v1', ...fields })
}

describe('an answer that says no', () => {
  test('keeps what the server said, field by field', () => {
    const causes = [{ reason: 'FieldValueInvalid', message: 'too long', field: 'metadata.name' }]
    const text = statusText({
      message: 'Pod is invalid',
      reason: 'Invalid',
      details: { name: 'web', causes },
    })
    expect(errorOf(422, { text })).toMatchObject({
      message: 'Pod is invalid',
      status: 422,
      reason: 'Invalid',
      details: { name: 'web', causes },
      ref,
    })
  })

  test.each([
    ['in plain text', 'upstream is down\n', 'Pod apps/web: the API server answered 502: upstream is down'],
    ['in HTML', '<html>…', 'Pod apps/web: the API server answered 502'],
    ['with nothing', '', 'Pod apps/web: the API server answered 502'],
    ['in other JSON', '{"kind":"List"}', 'Pod apps/web: the API server answered 502: {"kind":"List"}'],
    ['in cut off JSON', '{"kind":"Sta', 'Pod apps/web: the API server answered 502: {"kind":"Sta'],
  ])('%s is told with the object', (_case, text, message) => {
    expect(errorOf(502, { text }).message).toBe(message)
  })

  test('says when to come back: the header first, then the details', () => {
    const text = statusText({ details: { retryAfterSeconds: 5 } })
    expect(errorOf(429, { text, headers: { 'retry-after': '2' } }).retryAfterSeconds).toBe(2)
    expect(errorOf(429, { text }).retryAfterSeconds).toBe(5)
    expect(errorOf(429).retryAfterSeconds).toBeUndefined()
  })

  test.each([
    [isNotFound, errorOf(404)],
    [isConflict, errorOf(409, { text: statusText({ reason: 'Conflict' }) })],
    [isAlreadyExists, errorOf(409, { text: statusText({ reason: 'AlreadyExists' }) })],
    [isExpired, errorOf(410)],
    [isForbidden, errorOf(403)],
    [isTooManyRequests, errorOf(429)],
  ])('is of one kind only: %o', (predicate, error) => {
    const predicates = [isNotFound, isConflict, isAlreadyExists, isExpired, isForbidden, isTooManyRequests]
    expect(predicates.filter((other) => other(error))).toEqual([predicate])
  })
})
