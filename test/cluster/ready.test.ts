import { expect, test } from 'vitest'
import { firstReady } from '../../tasks/lib/cluster/cluster.ts'
import { UnreachableError } from '../../tasks/lib/node/errors.ts'
import type { Machine } from '../../tasks/lib/node/machine.ts'
import { testConfig } from '../support/config.ts'

const machine = (name: string, run: Machine['run']): Machine => ({ name, label: name, run })
const ends = (exitCode: number) => async () => ({ stdout: '', stderr: '', exitCode })

test('a control plane that cannot be reached, or whose API server hangs, is passed over', async () => {
  const config = testConfig('/', { name: 'home' })
  const silent = machine('cp1', () => Promise.reject(new UnreachableError('cp1', 'the connection ended')))
  const asked: string[] = []
  const hangs = machine('cp2', async (script) => {
    asked.push(script)
    return ends(124)()
  })
  expect((await firstReady([silent, hangs, machine('cp3', ends(0))], config)).name).toBe('cp3')
  expect(asked).toEqual([expect.stringMatching(/^timeout 15 kubectl .*\/readyz/)])
  await expect(firstReady([silent, hangs], config)).rejects.toThrow(
    'no API server of cluster home is ready: asked cp1, cp2',
  )
})
