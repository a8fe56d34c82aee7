import { expect, test } from 'vitest'
import { overlap, parseEndpoint, rangeOfAddress, rangesOf } from '../../tasks/lib/config/checks/addresses.ts'

test.each([
  ['10.0.0.0/24', '10.0.0.255', true],
  ['10.0.0.0/24', '10.0.1.0', false],
  ['10.0.0.5-10.0.0.9', '10.0.0.9', true],
  ['10.0.0.5-10.0.0.9', '10.0.0.4', false],
  ['fd00::/64', 'fd00::ffff', true],
  ['0.0.0.0/0', '::a00:1', false],
])('%s holds %s: %s', (range, address, expected) => {
  expect(overlap(rangesOf(range)[0]!, rangeOfAddress(address)!)).toBe(expected)
})

test.each([
  ['kube.example.com:6443', { host: 'kube.example.com', port: 6443 }],
  ['[fd00::1]:6443', { host: 'fd00::1', port: 6443 }],
  ['kube.example.com', undefined],
  ['fd00::1:6443', undefined],
])('the endpoint %s', (text, expected) => {
  expect(parseEndpoint(text)).toEqual(expected)
})
