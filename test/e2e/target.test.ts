import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, inject, test, vi } from 'vitest'
import { sandboxDown } from '../../tasks/lib/sandbox/sandbox.ts'
import { openTarget } from '../../tasks/lib/sandbox/target.ts'
import { testConfig } from '../support/config.ts'

// Each test has an environment of its own; the real one is read once and kept.
vi.mock('../../tasks/lib/config/environment.ts', () => ({ environment: () => process.env }))

let root: string
const progress = { say: () => {}, signal: new AbortController().signal }

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'metaltasks-target-'))
  vi.stubEnv('XDG_STATE_HOME', join(root, 'state'))
})

afterEach(async () => {
  await sandboxDown({ root }, { ...progress, purge: true })
  vi.unstubAllEnvs()
  await rm(root, { recursive: true, force: true })
})

test('without a configured cluster the target is the sandbox, whatever KUBECONFIG says', async () => {
  vi.stubEnv('KUBECONFIG', inject('sandbox').kubeconfig)
  const target = await openTarget(testConfig(root), {}, progress)
  expect(target).toMatchObject({ name: 'sandbox test (simulated nodes)', kind: 'sandbox', simulated: true })
  expect(target.client.server).not.toBe(inject('sandbox').server)
  expect(target.fingerprint).toMatch(/^[0-9a-f-]{36}$/)
  const again = await openTarget(testConfig(root), { startSandbox: false }, progress)
  expect(again.fingerprint).toBe(target.fingerprint)
  target.client.close()
  again.client.close()
})

test('a configured cluster is reached through its kubeconfig, and --sandbox rehearses it', async () => {
  const { kubeconfig, context, server } = inject('sandbox')
  const config = { ...testConfig(root, { kubeconfig, context }), configured: true }
  const target = await openTarget(config, {}, progress)
  expect(target).toMatchObject({ name: `cluster test at ${server}`, kind: 'cluster', simulated: false })
  const webhook = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'x' },
    webhooks: [{}],
  }
  expect(target.transient(webhook)).toBeUndefined()
  const rehearsal = await openTarget(config, { sandbox: true }, progress)
  expect(rehearsal.transient(webhook)).toMatch(/^dry run only/)
  expect(rehearsal.fingerprint).not.toBe(target.fingerprint)
  target.client.close()
  rehearsal.client.close()
})

test('a configured cluster without a kubeconfig is an error, not the sandbox', async () => {
  const config = { ...testConfig(root), configured: true }
  await expect(openTarget(config, {}, progress)).rejects.toThrow(
    'the configuration names the nodes of cluster test but no kubeconfig to reach it with',
  )
})

test('where nothing may be started, a sandbox that does not run is an error', async () => {
  await expect(openTarget(testConfig(root), { startSandbox: false }, progress)).rejects.toMatchObject({
    message: 'the sandbox is not running',
    findings: [{ hint: 'start it with: tasks sandbox:up' }],
  })
})
