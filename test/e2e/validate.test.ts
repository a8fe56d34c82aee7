import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { schemaTable, tableText } from '../../scripts/schemas/table.ts'
import { connect } from '../../tasks/lib/api/client.ts'
import { mapLimited } from '../../tasks/lib/api/objects/map-limited.ts'
import { refOf } from '../../tasks/lib/api/resource.ts'
import type { KubernetesObject } from '../../tasks/lib/manifest/object.ts'
import { minorOf } from '../../tasks/lib/manifest/validation/schema.ts'
import { backupDefinition, fixtureNames, fixtureObjects } from '../manifest/support/validated.ts'
import { allChanges, errorsOf, verdict, verdictsFile } from '../manifest/support/verdicts.ts'

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
      expect(errorsOf(object, { kubernetesVersion, imports: [definition] })).toEqual([])
    }
  })
})

test('nothing is refused that the API server takes, whatever is changed in a good manifest', async () => {
  const options = { kubernetesVersion, imports: [definition] }
  const lines: string[] = []
  for (const { title, changes } of allChanges()) {
    const letters = await mapLimited(changes, {
      limit: 8,
      map: async ({ object }) => {
        const byServer = (await refusal(object)) !== undefined
        return verdict({ byServer, byUs: errorsOf(object, options).length > 0 })
      },
    })
    lines.push(`${title}: ${letters.join('')}`)
  }
  expect(lines.filter((line) => line.includes('!'))).toEqual([])
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(join('../..', verdictsFile))
}, 600_000)

test('the table of this version is what its own API server says of itself', async () => {
  const minor = minorOf(kubernetesVersion)
  const file = `tasks/lib/manifest/validation/schemas/kubernetes-${minor}.generated.json`
  // The server says that its index is plain text.
  const table = await schemaTable(async (path) => {
    const answer = await client.request('GET', path)
    return typeof answer === 'string' ? JSON.parse(answer) : answer
  })
  expect(tableText(table)).toBe(await readFile(file, 'utf8'))
})
