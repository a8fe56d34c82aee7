import { expect, test } from 'vitest'
import { compareVersions } from '../../tasks/lib/config/kubernetes-version.ts'

test.each([
  ['1.36.4-rc.1', '1.36.4'],
  ['1.36.3', '1.36.4-alpha.1'],
  ['1.36.4-alpha.10', '1.36.4-beta.2'],
  ['1.36.4-rc.2', '1.36.4-rc.10'],
  ['v1.9.11', '1.36.0'],
  ['1.36.3', '2.0.0'],
])('%s is older than %s', (one, other) => {
  expect(compareVersions(one, other)).toBeLessThan(0)
  expect(compareVersions(other, one)).toBeGreaterThan(0)
})

test('a "v", or what somebody built of a version, makes no other version of it', () => {
  expect(compareVersions('v1.36.4', '1.36.4')).toBe(0)
  expect(compareVersions('1.36.4+k3s1', '1.36.4')).toBe(0)
  expect(compareVersions('1.36.4-rc.1', 'v1.36.4-rc.1')).toBe(0)
})
