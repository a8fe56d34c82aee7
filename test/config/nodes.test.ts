import { expect, test } from 'vitest'
import type { ClusterNode } from '../../tasks/lib/config/model.ts'
import { nodeNamed } from '../../tasks/lib/config/nodes.ts'
import { testConfig } from '../support/config.ts'

const names = ['kube1.example.com', 'kube2.example.com', 'kube2.example.org', 'db']
const nodes = names.map((name): ClusterNode => ({ name, roles: [], labels: {}, taints: [], volumes: [] }))
const config = testConfig('/project', { nodes })

test.each([
  ['kube1.example.com', 'kube1.example.com'],
  ['kube1', 'kube1.example.com'],
  ['kube2.example.org', 'kube2.example.org'],
  ['db', 'db'],
])('NODE=%s means %s', (name, expected) => {
  expect(nodeNamed(config, name).name).toBe(expected)
})

test.each([
  ['kube3', 'no node is named kube3', 'did you mean kube1?'],
  ['storage', 'no node is named storage', `the nodes are ${names.join(', ')}`],
  [
    'kube2',
    'kube2 may be kube2.example.com or kube2.example.org',
    'use the full name: NODE=kube2.example.com',
  ],
  ['kube1.example', 'no node is named kube1.example', 'did you mean kube1.example.com?'],
])('NODE=%s is refused', (name, message, hint) => {
  expect(() => nodeNamed(config, name)).toThrow(
    expect.objectContaining({ message, findings: [expect.objectContaining({ hint })] }),
  )
})
