import { afterEach, expect, test } from 'vitest'
import { forgetSecrets, redact } from '../../tasks/lib/cli/redact.ts'
import { registerClearValues } from '../../tasks/lib/secrets/clear-values.ts'
import { encryptBranches } from '../../tasks/lib/secrets/tree/crypt.ts'
import { entry, leaf, map } from '../../tasks/lib/secrets/tree/tree.ts'

afterEach(() => forgetSecrets())

test('values of a Secret that is encrypted whole are kept out of output, its kind and name are not', () => {
  const texts = (pairs: Record<string, string>) =>
    map(Object.entries(pairs).map(([key, value]) => entry(key, leaf(value))))
  const clear = map([
    entry('apiVersion', leaf('apps/v1')),
    entry('kind', leaf('Secret')),
    entry(
      'metadata',
      map([entry('name', leaf('database')), entry('annotations', texts({ token: 'annotated-7' }))]),
    ),
    entry('data', texts({ password: Buffer.from('hunter2000').toString('base64') })),
    entry('stringData', texts({ user: 'kimberley' })),
  ])
  const { branches } = encryptBranches([clear], { dataKey: Buffer.alloc(32), selects: () => true })
  registerClearValues({ document: { type: 'yaml', branches, text: '' } as never, clear: [clear] })
  expect(redact('Secret database kimberley hunter2000 aHVudGVyMjAwMA== annotated-7')).toBe(
    'Secret database *** *** *** ***',
  )
})
