import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, inject, test } from 'vitest'

const run = promisify(execFile)
const { kubeconfig } = inject('sandbox')

async function kubectl(...args: string[]): Promise<string> {
  return (await run(inject('kubectl'), ['--kubeconfig', kubeconfig, ...args])).stdout
}

test('three simulated nodes are ready without a configuration', async () => {
  const names = await kubectl('get', 'nodes', '-o', 'jsonpath={.items[*].metadata.name}')
  expect(names).toBe('kube1 kube2 kube3')
})
