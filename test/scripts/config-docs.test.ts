import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { clusterSchema } from '../../scripts/docs/cluster-schema.ts'
import { variablesTable } from '../../scripts/docs/variables-table.ts'
import { clusterFields } from '../../tasks/lib/config/cluster-file/cluster-fields.ts'
import { variableDefinition, variableDefinitions } from '../../tasks/lib/config/variables/variable-table.ts'

test('docs/cluster.schema.json is current', () => {
  const text = readFileSync(new URL('../../docs/cluster.schema.json', import.meta.url), 'utf8')
  expect(JSON.parse(text)).toEqual(clusterSchema())
})

test('an editor is told what a field means, which variable is the same, and what it may hold', () => {
  const { properties } = clusterSchema() as {
    properties: Record<string, { properties: Record<string, unknown> }>
  }
  expect(properties.network!.properties.provider).toEqual({
    description: 'pod network; none: bring your own ($CLUSTER_NETWORK, default flannel)',
    anyOf: [{ enum: ['flannel', 'none'] }, { type: 'string', pattern: '\\$' }],
  })
  expect(properties.volumes!.properties.named).toMatchObject({
    type: ['array', 'null'],
    items: { anyOf: [{}, { required: ['name'], additionalProperties: false }] },
  })
})

test('every variable that cluster.yaml names is in the table of variables', () => {
  const named = JSON.stringify(clusterFields).matchAll(/"variable":"([A-Z0-9_]+)"/g)
  const names = [...named].map((match) => match[1]!)
  expect(names.length).toBeGreaterThan(10)
  expect(names.filter((name) => !variableDefinition(name))).toEqual([])
})

test('the README table has a row for each variable, with its default', () => {
  const table = variablesTable()
  const names = [...variableDefinitions()].map(({ name }) => name)
  expect(names.filter((name) => !table.includes(`| \`${name}\` | `))).toEqual([])
  expect(table).toContain(
    '| `K8S_INGRESS_NGINX_IP` | cluster address of ingress-nginx: an IPv4 or IPv6 address | `10.101.1.2` |',
  )
  expect(table).toContain('| `K8S_NODES` | ')
  expect(table).toMatch(/`K8S_NODES`.* \| not set \|$/m)
})
