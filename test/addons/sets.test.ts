import { basename } from 'node:path'
import { expect, test } from 'vitest'
import { components } from '../../tasks/lib/addons/catalog.ts'
import { namedSets } from '../../tasks/lib/addons/sets.ts'
import { packageRoot } from '../../tasks/lib/cli/root.ts'
import { loadConfig } from '../../tasks/lib/config/config.ts'
import { temporaryFolder } from '../support/cli.ts'

const configMap = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: $SERVICE_NAME }\n'

async function setsOf(
  files: Record<string, string>,
  asked: string[],
  environment: Record<string, string> = {},
) {
  const config = await loadConfig(temporaryFolder({ '.env': '', ...files }), { environment })
  return namedSets(asked, { config, packageRoot: packageRoot() })
}

test('a manifest is a set of its own name, in the namespace of the user', async () => {
  const { sets } = await setsOf({ 'manifests/web.yaml': configMap }, ['web'], { SERVICE_NAME: 'web' })
  expect(sets).toMatchObject([{ name: 'web', namespace: 'worker', source: 'manifests/web.yaml' }])
})

test('one manifest that is applied with other values is another set, where its head comment says so', async () => {
  const files = { 'manifests/db.yaml': `# tasks: set=db-$SERVICE_NAME\n${configMap}` }
  const names = ['one', 'Two'].map(async (SERVICE_NAME) => {
    const { sets } = await setsOf(files, ['db'], { SERVICE_NAME: SERVICE_NAME.toLowerCase() })
    return sets[0]!.name
  })
  expect(await Promise.all(names)).toEqual(['db-one', 'db-two'])
})

test("the user's namespace is a set of that namespace, so that two namespaces never prune each other", async () => {
  const { sets } = await setsOf({}, ['namespace-config'], { K8S_NAMESPACE: 'media' })
  expect(sets.map(({ name }) => name)).toEqual(['namespace-media'])
})

test('all errors of all manifests are told at once', async () => {
  const files = {
    'manifests/a.yaml': 'kind: [',
    'manifests/b.yaml': configMap.replace('$SERVICE_NAME', '$NOBODY'),
  }
  const error = await setsOf(files, ['a', 'b']).catch((thrown) => thrown)
  const places = error.findings.map(
    ({ file, line }: { file: string; line: number }) => `${basename(file)}:${line}`,
  )
  expect(places).toEqual(['a.yaml:1', 'b.yaml:3'])
})

test('the set of each component has the name that the catalog says', async () => {
  const config = await loadConfig(temporaryFolder({ '.env': '' }), {
    environment: { K8S_NAMESPACE: 'media' },
  })
  const { sets } = await namedSets(
    components.map(({ name }) => name),
    { config, packageRoot: packageRoot() },
  )
  expect(sets.map(({ name }) => name)).toEqual(components.map(({ name, set }) => set?.(config) ?? name))
})
