import { expect, test } from 'vitest'
import { certificateIn } from '../../tasks/lib/kubernetes/kubeconfig/client-certificate.ts'
import { whyRenew } from '../../tasks/lib/kubernetes/kubeconfig/held-certificate.ts'

const subject = { user: 'alice', group: 'users:worker' }
const now = new Date('2026-06-01T00:00:00Z')
const held = (from: string, until: string, of = subject) => ({
  ...of,
  from: new Date(from),
  until: new Date(until),
})

test.each([
  ['none', undefined, 'there is none yet'],
  ['one for most of a year', held('2026-05-01', '2027-05-01'), undefined],
  ['one for 31 days', held('2025-07-02', '2026-07-02'), undefined],
  ['one for 29 days', held('2025-07-01', '2026-06-30'), 'the present one ends on 2026-06-30'],
  ['one that has ended', held('2025-01-01', '2026-01-01'), 'the present one ended on 2026-01-01'],
  ['a fresh one for a week', held('2026-05-31', '2026-06-07'), undefined],
  ['an old one for a week', held('2026-05-26', '2026-06-02'), 'the present one ends on 2026-06-02'],
  [
    'one of another user',
    held('2026-05-01', '2027-05-01', { user: 'bob', group: 'users:worker' }),
    'the present one is for bob of users:worker',
  ],
  [
    'one of another namespace',
    held('2026-05-01', '2027-05-01', { user: 'alice', group: 'users:old' }),
    'the present one is for alice of users:old',
  ],
])('whether a certificate has to be replaced: %s', (_, certificate, reason) => {
  expect(whyRenew(certificate, { subject, now })).toBe(reason)
})

test('a request that was denied or failed is an error with the reason that the cluster gives', () => {
  const status = (type: string) => ({
    status: { conditions: [{ type, reason: 'Policy', message: 'not you' }] },
  })
  expect(() => certificateIn(status('Denied'))).toThrow(
    'the request for the client certificate was denied: not you',
  )
  expect(() => certificateIn(status('Failed'))).toThrow(
    'the request for the client certificate was approved but not signed: not you',
  )
  expect(certificateIn(status('Approved'))).toBeUndefined()
  expect(certificateIn({})).toBeUndefined()
})
