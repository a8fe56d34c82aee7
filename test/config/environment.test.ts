import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { withoutNpm } from '../../tasks/lib/config/environment.ts'

const print =
  "import { environment } from './tasks/lib/config/environment.ts'; console.log(environment().NODE)"

test.each([
  ['NODE is left alone where npm has not touched it', { NODE: 'kube1' }, 'kube1'],
  [
    'NODE as it was typed comes back from above npm',
    { NODE: '/bin/node', npm_node_execpath: '/bin/node' },
    'typed',
  ],
  [
    'NODE that another program set under npm stays',
    { NODE: 'kube1', npm_node_execpath: '/bin/node' },
    'kube1',
  ],
])('%s', (_, given, expected) => {
  expect(withoutNpm(given, () => 'typed').NODE).toBe(expected)
})

test.skipIf(process.platform !== 'linux')('NODE=kube1 survives npx', () => {
  const env = { ...process.env, NODE: 'kube1', npm_node_execpath: undefined }
  const text = execFileSync('npx', ['tsx', '--eval', print], { env, encoding: 'utf8' })
  expect(text.trim()).toBe('kube1')
})
