import { expect, test } from 'vitest'
import { freePorts } from '../../tasks/lib/sandbox/control-plane/ports.ts'

test('the ports of a sandbox are three, and none that an outgoing connection could take', async () => {
  const ports = Object.values(await freePorts())
  expect(new Set(ports).size).toBe(3)
  for (const port of ports) {
    expect(port).toBeGreaterThanOrEqual(20_000)
    expect(port).toBeLessThan(30_000)
  }
})
