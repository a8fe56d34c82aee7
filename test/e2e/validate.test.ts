import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { schemaTable, tableText } from '../../scripts/schemas/table.ts'
import { connect } from '../../tasks/lib/api/client.ts'
import { mapLimited } from '../../tasks/lib/api/map-limited.ts'
import { refOf } from '../../tasks/lib/api/resource.ts'
import type { KubernetesObject } from '../../tasks/lib/manifest/object.ts'
import { minorOf } from '../../tasks/lib/manifest/schema.ts'
import { validate } from '../../tasks/lib/manifest/validate.ts'
import { mutations } from '../manifest/support/mutations.ts'
import { backupDefinition, fixtureNames, fixtureObjects } from '../manifest/support/validated.ts'

const { kubeconfig, context, kubernetesVersion } = inject('sandbox')
const client = await connect(kubeconfig, { context })
const definition = backupDefinition()

beforeAll(async () => {
  await client.apply(definition, { force: true })
  const [, backup] = fixtureObjects('valid', 'custom')
  await vi.waitFor(async () => expect(await refusal(backup!.object)).toBeUndefined(), { timeout: 30_000 })
})

afterAll(async () => {
  await client.remove(refOf(definition))
  client.close()
})

/** What the API server says against an object, or undefined when it would take it. */
async function refusal(object: KubernetesObject): Promise<string | undefined> {
  return client.apply(object, { dryRun: true, force: true }).then(
    () => undefined,
    (error: Error) => error.message,
  )
}

/** Our errors about an object by itself. */
function errorsOf(object: KubernetesObject): string[] {
  const place = { file: 'web.yaml' }
  const manifest = { object, source: place, variables: [], placeOf: () => place }
  const findings = validate([manifest], { kubernetesVersion, imports: [definition] })
  return findings.flatMap(({ severity, message }) => (severity === 'error' ? [message] : []))
}

describe('the API server refuses each broken manifest too', () => {
  test.each(fixtureNames('invalid').filter((name) => fixtureObjects('invalid', name).length > 0))(
    '%s',
    async (name) => {
      const refusals = await Promise.all(fixtureObjects('invalid', name).map(({ object }) => refusal(object)))
      expect(refusals).not.toContain(undefined)
    },
  )
})

describe('the API server takes each good manifest', () => {
  test.each(fixtureNames('valid'))('%s', async (name) => {
    for (const { object } of fixtureObjects('valid', name)) {
      expect(await refusal(object), `${object.kind} ${object.metadata.name}`).toBeUndefined()
      expect(errorsOf(object)).toEqual([])
    }
  })
})

test('nothing is refused that the API server takes, whatever is changed in a good manifest', async () => {
  const objects = fixtureNames('valid').flatMap((name) => fixtureObjects('valid', name))
  const all = objects.flatMap(({ object }) => mutations(object))
  // Every seventh: a step that is prime to the number of changes of each field, so that all kinds are met.
  const some = all.filter((_, index) => index % 7 === 0)
  const verdicts = await mapLimited(some, {
    limit: 8,
    map: async ({ what, object }) => ({ what, ours: errorsOf(object), theirs: await refusal(object) }),
  })
  const refusedByUsAlone = verdicts.filter(({ ours, theirs }) => ours.length > 0 && theirs === undefined)
  expect(refusedByUsAlone).toEqual([])
  const refused = verdicts.filter(({ theirs }) => theirs !== undefined)
  const missed = refused.filter(({ ours }) => ours.length === 0)
  expect(refused.length).toBeGreaterThan(500)
  expect(missed.length / refused.length).toBeLessThan(0.06)
})

test('the table of this version is what its own API server says of itself', async () => {
  const minor = minorOf(kubernetesVersion)
  const file = `tasks/lib/manifest/schemas/kubernetes-${minor}.generated.json`
  // The server says that its index is plain text.
  const table = await schemaTable(async (path) => {
    const answer = await client.request('GET', path)
    return typeof answer === 'string' ? JSON.parse(answer) : answer
  })
  expect(tableText(table)).toBe(await readFile(file, 'utf8'))
})
