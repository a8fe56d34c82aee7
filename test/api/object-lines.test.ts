import { expect, test } from 'vitest'
import { withoutValues } from '../../tasks/lib/api/objects/masking.ts'
import { objectLines } from '../../tasks/lib/api/objects/object-lines.ts'
import { object } from '../support/objects.ts'

test('an object is shown without what the server counts, apiVersion and kind first', () => {
  const live = {
    data: { a: '1' },
    metadata: {
      name: 'conf',
      namespace: 'web',
      uid: 'u',
      resourceVersion: '7',
      generation: 2,
      managedFields: [],
    },
    status: { x: 1 },
    kind: 'ConfigMap',
    apiVersion: 'v1',
  }
  expect(objectLines(live)).toEqual([
    'apiVersion: v1',
    'kind: ConfigMap',
    'metadata:',
    '  name: conf',
    '  namespace: web',
    'data:',
    '  a: "1"',
  ])
})

const secret = (fields: object) => object('Secret', 'web/pass', { ...fields })
const hunter2 = Buffer.from('hunter2').toString('base64')

test('values of a Secret are never shown, only whether they are equal', () => {
  const [plain] = objectLines(secret({ stringData: { key: 'hunter2' } })).slice(-1)
  const [encoded] = objectLines(secret({ data: { key: hunter2 } })).slice(-1)
  const [other] = objectLines(secret({ data: { key: 'b3RoZXI=' } })).slice(-1)
  expect(plain).toMatch(/^ {2}key: \(masked\) [0-9a-f]{8}$/)
  expect(encoded).toBe(plain)
  expect(other).not.toBe(plain)
})

test('the copy that kubectl keeps of a Secret is not shown either', () => {
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': `{"data":{"key":"${hunter2}"}}` }
  const text = objectLines(secret({ metadata: { annotations }, data: {} })).join('\n')
  expect(text).not.toContain(hunter2)
  expect(text).toContain('last-applied-configuration: (what kubectl applied)')
})

test('a message of the server about a Secret loses the values that it quotes', () => {
  const broken = secret({ stringData: { key: 'hunter2', number: 12345 } })
  expect(withoutValues('expected string, got 12345 (hunter2)', broken)).toBe(
    'expected string, got (masked) ((masked))',
  )
})

test('whole numbers beyond 2^53 are shown as they are', () => {
  expect(objectLines(object('Thing', 'x', { spec: { big: 9007199254740993n } }))).toContain(
    '  big: 9007199254740993',
  )
})
