import { describe, expect, test } from 'vitest'
import {
  dataKey,
  isRange,
  label,
  labelValue,
  letterLabel,
  pathSegment,
  portName,
  qualifiedName,
  subdomain,
  variableName,
  wildcardHost,
} from '../../tasks/lib/manifest/validation/names.ts'
import { isQuantity, quantityValue } from '../../tasks/lib/manifest/validation/quantities.ts'
import { re2 } from '../../tasks/lib/manifest/validation/re2.ts'
import { scheduleProblem } from '../../tasks/lib/manifest/validation/schedule.ts'

describe('quantities', () => {
  test.each([
    ['500m', 0.5],
    ['700m', 0.7],
    ['0.7', 0.7],
    ['2Gi', 2 ** 31],
    ['0.5Mi', 2 ** 19],
    ['1e3', 1000],
    ['1E3', 1000],
    ['1E', 1e18],
    ['-1k', -1000],
    ['+.5', 0.5],
    ['5.', 5],
    ['100n', 1e-7],
  ])('%s is %d', (text, value) => {
    expect(quantityValue(text)).toBe(value)
  })

  test.each(['512MB', '1 Gi', '1gi', 'Ki', '', '1e', '1.2.3', '0x10', '1Ki2', '½'])(
    '"%s" is none',
    (text) => {
      expect(isQuantity(text)).toBe(false)
    },
  )
})

describe('schedules', () => {
  test.each([
    '* * * * *',
    '*/15 0-6 1,15 jan-JUN Mon-fri',
    '5/10 * ? * *',
    '0 0 31 12 6',
    '@daily',
    '@every 1h30m',
    '0  3\t* * *',
  ])('%s is fine', (schedule) => {
    expect(scheduleProblem(schedule)).toBeUndefined()
  })

  test.each([
    ['0 3 * *', 'expected 5 fields, found 4'],
    ['60 * * * *', 'expected 0 to 59 as the minute, found 60'],
    ['* 24 * * *', 'expected 0 to 23 as the hour, found 24'],
    ['* * 0 * *', 'expected 1 to 31 as the day of the month, found 0'],
    ['* * * 13 *', 'expected 1 to 12 as the month, found 13'],
    ['* * * * 7', 'expected 0 to 6 as the day of the week, found 7'],
    ['*/0 * * * *', 'expected 0 to 59 as the minute, found */0'],
    ['30-10 * * * *', 'expected 0 to 59 as the minute, found 30-10'],
    ['1-2-3 * * * *', 'expected 0 to 59 as the minute, found 1-2-3'],
    ['CRON_TZ=UTC 0 3 * * *', 'a time zone stands in timeZone, not in the schedule'],
    ['@fortnightly', 'expected @yearly, @monthly, @weekly, @daily, @hourly or @every 1h30m'],
  ])('%s: %s', (schedule, problem) => {
    expect(scheduleProblem(schedule)).toBe(problem)
  })
})

const syntaxes = {
  dataKey,
  label,
  labelValue,
  letterLabel,
  pathSegment,
  portName,
  qualifiedName,
  subdomain,
  variableName,
  wildcardHost,
}

describe('names', () => {
  test.each([
    ['label', 'web-1', true],
    ['label', '1web', true],
    ['label', 'web.1', false],
    ['label', 'a'.repeat(64), false],
    ['letterLabel', '1web', false],
    ['subdomain', 'web.example.com', true],
    ['subdomain', 'web..com', false],
    ['pathSegment', 'system:node', true],
    ['pathSegment', 'a/b', false],
    ['qualifiedName', 'example.com/My_App.1', true],
    ['qualifiedName', 'Example.com/a', false],
    ['qualifiedName', 'a/b/c', false],
    ['labelValue', '', true],
    ['labelValue', '-a', false],
    ['portName', 'http', true],
    ['portName', '8080', false],
    ['portName', 'a--b', false],
    ['dataKey', '.hidden', true],
    ['dataKey', '..', false],
    ['variableName', 'dotted.name', true],
    ['variableName', 'A=B', false],
    ['wildcardHost', '*.example.com', true],
    ['wildcardHost', 'a.*.com', false],
  ] as const)('%s takes "%s": %s', (syntax, text, expected) => {
    expect(syntaxes[syntax].accepts(text)).toBe(expected)
  })

  test.each([
    ['10.0.0.0/8', true],
    ['2001:db8::/32', true],
    ['010.000.0.1/08', true],
    ['10.0.0.0/33', false],
    ['10.0.0.0', false],
  ])('the range %s is one: %s', (text, expected) => {
    expect(isRange(text)).toBe(expected)
  })
})

describe("Go's patterns", () => {
  test.each([
    ['^[[:alnum:]_-]+$', 'a_1-b', true],
    ['(?i)^abc$', 'ABC', true],
    ['^(?P<year>\\d{4})$', '2026', true],
    ['\\Aabc\\z', 'abc', true],
    ['^[^\\s/]+\\-x$', 'a-x', true],
    ['^a$', 'b', false],
  ])('%s matches "%s": %s', (pattern, text, expected) => {
    expect(re2(pattern)?.test(text)).toBe(expected)
  })

  test.each(['\\Qa.b\\E', 'a(?i)b', '('])('%s cannot be told, so nothing is refused by it', (pattern) => {
    expect(re2(pattern)).toBeUndefined()
  })
})
