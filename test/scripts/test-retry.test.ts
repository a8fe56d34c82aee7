import { expect, test, vi } from 'vitest'

test('where CI asks for it, each project tries a failed test once more', async () => {
  vi.stubEnv('METALTASKS_RETRY', '1').stubEnv('METALTASKS_LAB', 'required')
  const { default: config } = await import('../../vitest.config.ts')
  const projects = config.test!.projects as { test: { name: string; retry: number } }[]
  expect(Object.fromEntries(projects.map(({ test: { name, retry } }) => [name, retry]))).toEqual({
    unit: 1,
    lab: 1,
    real: 1,
  })
})
