import { expect, test } from 'vitest'
import { run } from '../support/cli.ts'
import { age, ageKeygen, freshAgeKey, runSops, sops, sops312, sopsOutput } from '../support/sops.ts'

test('the real programs have the versions that they are said to have', async () => {
  const version = async (program: string, flag = '--version') => (await run(program, [flag])).stdout.trim()
  expect(await version(sops)).toContain('sops 3.13.3')
  expect(await version(sops312)).toContain('sops 3.12.2')
  expect(await version(age)).toBe('v1.3.2')
  expect(await version(ageKeygen)).toBe('v1.3.2')
})

test('the real sops finds no key but the ones a test gives it', async () => {
  const { recipient, identity } = freshAgeKey()
  const type = ['--input-type', 'binary', '--filename-override', 'x']
  const input = await sopsOutput(['encrypt', '--age', recipient, ...type], { input: 'hello' })
  expect((await runSops(['decrypt', ...type], { input })).exitCode).toBe(128)
  const opened = await sopsOutput(['decrypt', ...type], { input, env: { SOPS_AGE_KEY: identity } })
  expect(opened.toString()).toBe('hello')
})
