import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { knownMinors } from '../../tasks/lib/manifest/validation/schema.ts'
import { backupDefinition, fixtureNames, fixtureText, says, saysOf } from './support/validated.ts'
import { allChanges, errorsOf, verdictsFile } from './support/verdicts.ts'

describe('each broken manifest is refused with its whole text', () => {
  test.each(fixtureNames('invalid'))('%s', (name) => {
    const file = { [`${name}.yaml`]: fixtureText(`invalid/manifests/${name}.yaml`) }
    const expected = fixtureText(`invalid/manifests/${name}.txt`)
    expect(expected).toMatch(/^error: /m)
    expect(saysOf(file, { imports: [backupDefinition()] })).toBe(expected)
  })
})

describe('each change of a good manifest is refused as the API server did when it was asked', () => {
  const recorded = new Map(
    readFileSync(verdictsFile, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => line.split(': ') as [string, string]),
  )
  const options = { kubernetesVersion: '1.36.3', imports: [backupDefinition()] }

  test.each(allChanges())('$title', ({ title, changes }) => {
    const letters = recorded.get(title) ?? ''
    expect(letters, 'changed fixtures: run the tests against the API server with -u').toHaveLength(
      changes.length,
    )
    const differing = changes.filter(
      ({ object }, index) => errorsOf(object, options).length > 0 !== (letters[index] === 'x'),
    )
    expect(differing.map(({ what }) => what)).toEqual([])
  })
})

describe.each(knownMinors)('Kubernetes %s', (minor) => {
  test.each(fixtureNames('valid'))('has nothing against %s.yaml', (name) => {
    const text = fixtureText(`valid/manifests/${name}.yaml`)
    const said = says(text, { kubernetesVersion: `${minor}.0` })
    expect(said).not.toMatch(/^error: /m)
  })
})

const service = (name: string) => `apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: default }
spec: { ports: [{ port: 80 }] }
`

test('a value that a variable gave is named with the variable, and where it stands', () => {
  const text = service('web').replace('port: 80', 'port: $WEB_PORT')
  expect(says(text, { values: { WEB_PORT: 'eighty' } })).toBe(
    'error: web.yaml:4:19: Service default/web: spec.ports[0].port: expected an integer, $WEB_PORT gave "eighty"\n' +
      'hint: change the value of WEB_PORT\n',
  )
})

test('a value of several variables names them all', () => {
  const text = service('web').replace('port: 80', 'port: $A$B')
  expect(says(text, { values: { A: '7', B: '0000' } })).toContain('expected 1 to 65535, $A and $B gave 70000')
})

test('the values of a Secret are never shown', () => {
  const text =
    'apiVersion: v1\nkind: Secret\nmetadata: { name: db, namespace: default }\ndata: { a: hunter2! }\nstringData: { b: 4711 }\n'
  const said = says(text)
  expect(said).toContain('got a string')
  expect(said).toContain('got a number')
  expect(said).not.toMatch(/hunter2|4711/)
})

test('long values are cut', () => {
  const said = says(service('web').replace('port: 80', `port: ${'x'.repeat(500)}`))
  expect(said).toContain(`got "${'x'.repeat(75)}…"`)
})

test('one place gets one error, in the simplest words', () => {
  const said = says(service('web').replace('port: 80', 'port: "0"'))
  expect(said.match(/^error/gm)).toHaveLength(1)
})

test('a number beyond 32 bits is refused before the API server cuts it', () => {
  const text =
    'apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: { name: high }\nvalue: 3000000000\n'
  expect(says(text)).toContain('value: expected an integer of 32 bits, got 3000000000')
})

test('a number beyond 2^53 stays exact', () => {
  const text = service('web').replace('port: 80', 'port: 9007199254740993')
  expect(says(text)).toContain('got 9007199254740993')
})

test('an object without apiVersion does not stop the others', () => {
  expect(says(`kind: Service\n---\n${service('Web')}`)).toContain('expected at most 63 lower-case letters')
})

describe('what is too large for the API server is refused', () => {
  const configMap = (size: number) =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: web, namespace: default }\ndata: { a: ${'x'.repeat(size)} }\n`
  const annotated = (size: number) =>
    `apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: web, namespace: default, annotations: { a: ${'x'.repeat(size)} } }\n`

  test('a ConfigMap beyond 1 MiB', () => {
    expect(says(configMap(1024 * 1024))).toBe('')
    expect(says(configMap(1024 * 1024 + 1))).toContain('holds 1048577 bytes, more than the 1048576')
  })

  test('annotations beyond 256 KiB, names included', () => {
    expect(says(annotated(256 * 1024 - 1))).toBe('')
    expect(says(annotated(256 * 1024))).toContain('262145 bytes in all, more than the 262144')
  })
})

test('names that JavaScript knows are names like others', () => {
  const text = service('web').replace('spec:', 'constructor: 1\nspec:')
  expect(says(text)).toContain('constructor: unknown field')
  const labelled = service('web').replace('{ ports', '{ selector: { toString: web }, ports')
  expect(says(labelled)).toBe('')
})
